"""The register: tunes stay between the notes that are told for their key."""

from __future__ import annotations

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from calmando.compose.tune_book import TuneBook
from calmando.preset.load import load_preset
from calmando.preset.overrides import overridden
from calmando.theory.pitch import pitch_name
from calmando.theory.scale import PITCH_CLASS_NAMES
from calmando.theory.tune_register import tune_register


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(("bedtime-lullaby", "deep-sleep", "stress-relief", "chant-and-drone")),
    low=st.integers(45, 76),
    span=st.integers(9, 17),
    tonic=st.sampled_from(PITCH_CLASS_NAMES),
    seed=st.integers(0, 1000),
)
@example("bedtime-lullaby", 45, 9, "G", 1)
@example("bedtime-lullaby", 60, 9, "F", 5)
@example("bedtime-lullaby", 45, 12, "Gb", 3)
def test_a_tune_touches_nothing_beyond_what_is_told(
    name: str, low: int, span: int, tonic: str, seed: int
) -> None:
    """Whatever register is wanted, a tune lies within the one that is told for its key note."""
    assume(low + span <= 88)
    wishes = {
        "pitch.tune_low": pitch_name(low),
        "pitch.tune_high": pitch_name(low + span),
        "pitch.tonics": [tonic],
    }
    preset = overridden(load_preset(name), wishes)
    book = TuneBook(preset, seed)
    tune = book.tune(0, book.mode(0, 0), preset.tempo.start_bpm)
    lowest, highest = preset.pitch.register_of(tonic)
    assert lowest <= min(note.pitch for note in tune.notes)
    assert max(note.pitch for note in tune.notes) <= highest
    assert (tonic in preset.pitch.ill_lying) == ((lowest, highest) != (low, low + span))


@given(low=st.integers(45, 76), span=st.integers(12, 20), above=st.integers(0, 5))
def test_a_key_note_near_the_low_end_lies_well(low: int, span: int, above: int) -> None:
    """Up to a fourth above the lowest note a key note moves nothing, in an octave and more."""
    assert tune_register((low + above) % 12, low, low + span) == (low, low + span)


@given(low=st.integers(50, 76), span=st.integers(9, 17), tonic=st.integers(0, 11))
def test_a_register_moves_to_the_nearer_side(low: int, span: int, tonic: int) -> None:
    """No register is moved by more than a major third."""
    lowest, _ = tune_register(tonic, low, low + span)
    assert abs(lowest - low) <= 4
