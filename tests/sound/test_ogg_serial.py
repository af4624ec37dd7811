"""The serial number of an OGG is fixed, and nothing else of the file is touched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from calmando.errors import OutputError
from calmando.sound.files.encode import write_audio
from calmando.sound.files.ogg_serial import SERIAL, check_sum, fix_serial

RATE = 44_100
SOUND = np.random.default_rng(1).uniform(-0.2, 0.2, (3 * RATE, 2)).astype(np.float32)


def pages(content: bytes) -> Iterator[bytes]:
    """The pages of an OGG file."""
    while content:
        n_segments = content[26]
        n_bytes = 27 + n_segments + sum(content[27 : 27 + n_segments])
        yield content[:n_bytes]
        content = content[n_bytes:]


def kept_sum(page: bytes) -> int:
    """The check sum a page carries."""
    return int.from_bytes(page[22:26], "little")


def own_sum(page: bytes) -> int:
    """The check sum a page should carry."""
    return check_sum(page[:22] + bytes(4) + page[26:])


def test_the_check_sum_is_that_of_the_format(tmp_path: Path) -> None:
    """Pages that libsndfile wrote carry the sum that is reckoned here."""
    path = tmp_path / "a.ogg"
    soundfile.write(path, SOUND, RATE)
    found = list(pages(path.read_bytes()))
    assert len(found) > 3
    assert [kept_sum(page) for page in found] == [own_sum(page) for page in found]


def test_every_page_carries_the_fixed_serial(tmp_path: Path) -> None:
    """A written OGG has one number and right sums on all pages, whatever the clock; its sound is the encoder's."""
    path, plain = tmp_path / "a.ogg", tmp_path / "b.ogg"
    write_audio(path, [SOUND], n_frames=len(SOUND), sample_rate=RATE, quality=5)
    written = list(pages(path.read_bytes()))
    assert {int.from_bytes(page[14:18], "little") for page in written} == {SERIAL}
    assert all(kept_sum(page) == own_sum(page) for page in written)
    soundfile.write(plain, SOUND, RATE)
    before = soundfile.read(plain)[0]
    fix_serial(plain)
    np.testing.assert_array_equal(soundfile.read(plain)[0], before)


def test_what_is_not_whole_is_refused(tmp_path: Path) -> None:
    """A file that ends within a page is no file to be given out."""
    path = tmp_path / "a.ogg"
    soundfile.write(path, SOUND, RATE)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(OutputError, match="not whole"):
        fix_serial(path)
