"""A folder for a moment, for what a C library can only read from a file."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from calmando.errors import MissingError


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """Give an empty folder that is gone afterwards.

    Raises
    ------
    MissingError
        Where this machine has no place for one, or no room in it.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="calmando-", ignore_cleanup_errors=True) as folder:
            yield Path(folder)
    except OSError as error:
        raise MissingError(
            "No temporary file could be written.",
            f"Calmando needs less than a megabyte for a moment. The system says: {error.strerror or error}.",
            "Free some space in the temporary folder, or name another one in the variable TMPDIR "
            "(on Windows: TEMP).",
        ) from None
