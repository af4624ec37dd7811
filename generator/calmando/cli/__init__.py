"""The command line."""

from __future__ import annotations

import atexit
import gc


def main() -> None:
    """Run the ``calmando`` command."""
    # The system takes back what is left in the end: to look there for garbage first takes longer than to leave it.
    atexit.register(gc.freeze)

    from calmando.cli.standard_places import occupy_standard_places
    from calmando.cli.stopping import (
        EXIT_STOPPED,
        end_stopped,
        hear_no_more,
        hear_signals,
        stopped_where_failing,
    )

    try:
        occupy_standard_places()
        hear_signals()  # before the heavy imports, which take longer than many commands
        with stopped_where_failing():
            from calmando.cli.app import app
            from calmando.cli.console import is_narrow, run, write_what_can_be_written

            if is_narrow():
                app.rich_markup_mode = None  # boxes would cut the options' names
            write_what_can_be_written()
            run(lambda: app(prog_name="calmando"))
    except KeyboardInterrupt:  # outside a command: nothing was begun, or all is done
        end_stopped()
    except SystemExit as end:
        if end.code == EXIT_STOPPED:
            end_stopped()
        raise
    finally:
        hear_no_more()
