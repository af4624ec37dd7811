"""The command line."""

from __future__ import annotations


def main() -> None:
    """Run the ``calmando`` command."""
    try:
        from calmando.cli.app import app
        from calmando.cli.console import EXIT_STOPPED, run, stop_on_sigterm, write_what_can_be_written
    except KeyboardInterrupt:  # so early that nothing was begun
        raise SystemExit(130) from None
    try:
        stop_on_sigterm()
        write_what_can_be_written()
        run(lambda: app(prog_name="calmando"))
    except KeyboardInterrupt:
        raise SystemExit(EXIT_STOPPED) from None
