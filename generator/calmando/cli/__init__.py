"""The command line."""

from __future__ import annotations


def main() -> None:
    """Run the ``calmando`` command."""
    from calmando.cli.app import app
    from calmando.cli.console import stop_on_sigterm, write_what_can_be_written

    stop_on_sigterm()
    write_what_can_be_written()
    app(prog_name="calmando")
