"""The report: one HTML file that a person reads, prints and keeps."""

from calmando.audit.report.context import ReportContext
from calmando.audit.report.write import report_html, write_report

__all__ = ["ReportContext", "report_html", "write_report"]
