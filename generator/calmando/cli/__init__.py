"""The command line."""

from __future__ import annotations


def main() -> None:
    """Run the ``calmando`` command."""
    from calmando.cli.stopping import EXIT_STOPPED, hear_no_more, hear_signals

    try:
        hear_signals()  # before the heavy imports, which take longer than many commands
        from calmando.cli.app import app
        from calmando.cli.console import run, write_what_can_be_written

        write_what_can_be_written()
        run(lambda: app(prog_name="calmando"))
    except KeyboardInterrupt:  # outside a command: nothing was begun, or all is done
        raise SystemExit(EXIT_STOPPED) from None
    finally:
        hear_no_more()
