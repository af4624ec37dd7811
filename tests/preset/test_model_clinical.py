"""Clinical warnings: values outside a cited range are said with their source."""

from __future__ import annotations

import pytest
from test_model import ALL, PACED, small_preset

from calmando.preset.clinical import lifted, warnings
from calmando.preset.model import Preset

CASES = [
    ({"tempo__start_bpm": 110, "tempo__phrase_bars": 5}, "tempo.start_bpm is 110 BPM"),
    ({"intent": "sleep", "tempo__end_bpm": 72, "tempo__start_bpm": 80}, "Music for sleep"),
    ({"intent": "gait", "tempo__start_bpm": 80, "tempo__end_bpm": 95}, "5 % a week [C: Wright et al. 2017]"),
    ({"tempo__phrase_bars": 6, "tempo__start_bpm": 62}, "lasts 17.4 s"),
    (
        {"breath": {"on": True, "inhale_bars": 1, "exhale_bars": 1}, "tempo__phrase_bars": 2}
        | {"form": {"kind": "breath"}},
        "10.0 breaths",
    ),
    (
        {"stages": [{**ALL, "way": -1.0}], "tempo__start_bpm": 80},
        "stages.all.way = -1 leads to 100 BPM. Calm",
    ),
    ({"stages": [{**ALL, "way": 2.0}], "tempo__end_bpm": 54}, "lasts 17.1 s at 42 BPM"),
    (
        {"breath": PACED, "tempo__phrase_bars": 5, "tempo__start_bpm": 90, "tempo__end_bpm": 84}
        | {"stages": [{**ALL, "way": 2.0}], "tempo__metre": "2/4", "form": {"kind": "breath"}},
        "stages.all.way = 2 leads to 78 BPM, which paces 7.8 breaths",
    ),
    ({"intent": "nicu", "melody__resonance": 0.2}, "For newborns in intensive care"),
    ({"intent": "focus", "melody__resonance": 0.5}, "[C: Gold et al. 2019]"),
    ({"intent": "nicu"}, "(median of lullabies [C*: Mehr et al. 2019])"),
    (
        {"melody__forms": [{"form": "A B"}]},
        "A B does not fit a tune of 16 bars, whose phrases have 4 [D]; the usual forms are sung",
    ),
    ({"melody__forms": [{"form": "A A B A"}, {"form": "A"}]}, "A does not fit a tune of 16 bars"),
    ({"melody__forms": [{"form": "A B"}, {"form": "A A B A"}]}, "the others are sung"),
    ({"melody__notes_per_second": 3.0}, "Calm tunes have .4–2.5"),
    ({"sound": {"loudness_lufs": -18}}, "share -23 LUFS"),
    ({"intent": "sleep", "sound": {"loudness_range_lu": 6}}, "at most 5 by design"),
    ({"sound": {"largest_step_lu": 4}}, "between 3-second windows"),
    ({"sound": {"fade_in_s": 0}}, "comes in over 2–4 s"),
    ({"sound": {"fade_out_s": 0}}, "may break off"),
    ({"intent": "sleep", "sound": {"fade_out_s": 30}}, "fades over 60–120 s"),
    ({"intent": "nicu", "minutes": 300}, "at most 1.5 hours of music a day"),
    ({"intent": "nicu"}, "by a trained clinician only"),
    ({"intent": "nicu", "tempo__end_bpm": 60}, "a constant rhythm [C: Standley 2002]"),
    (
        {"intent": "nicu", "limits": {"level": "50 dBA", "level_dba": 50, "stop": "At once."}},
        "limits.level_dba is 50 dB(A)",
    ),
    ({"heartbeat": {"on": True, "level_db": 0}}, "heartbeat.level_db is 0 dB"),
]


@pytest.mark.parametrize(("changes", "said"), CASES, ids=[said for _, said in CASES])
def test_values_outside_a_cited_range_are_said_with_their_source(
    changes: dict[str, object], said: str
) -> None:
    """A warning names the value, the range and the source with its status tag."""
    found = warnings(Preset.model_validate(small_preset(**changes)))
    assert any(said in text for text in found)
    assert all("[" in text for text in found)


def test_a_calm_preset_has_no_warning() -> None:
    """Nothing is said where all values lie inside."""
    assert warnings(Preset.model_validate(small_preset(melody__resonance=0.2))) == ()


def test_nothing_is_prescribed_to_the_phrases_of_walking() -> None:
    """A quick cadence makes short phrases; nobody breathes with them."""
    walking = {"intent": "gait", "tempo__start_bpm": 125, "tempo__metre": "2/4"}
    assert not [text for text in warnings(Preset.model_validate(small_preset(**walking))) if "phrase" in text]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"intent": "relaxation"}, "intent is 'relaxation' for this piece, not 'nicu'"),
        ({"ambience": {"on": True}}, "small refuses it: Nothing vague."),
        ({"limits": {"level": "70 dBA", "level_dba": 70, "stop": "At once."}}, "small allows 45 dB(A)"),
        ({"limits": {"level": "Soft.", "stop": "At once."}}, "limits.level_dba is empty for this piece"),
        ({"limits": {"level": "40 dBA", "level_dba": 40, "stop": "At once."}}, None),
        ({"melody__resonance": 0.2}, None),
    ],
    ids=str,
)
def test_what_guards_people_is_not_taken_away_without_a_word(
    changes: dict[str, object], said: str | None
) -> None:
    """Another purpose, a refused sound and a louder limit are told; a softer one, and what guards nobody, are not."""
    guarded = {
        "intent": "nicu",
        "ambience": {"refused": "Nothing vague."},
        "limits": {"level": "45 dBA", "level_dba": 45, "stop": "At once."},
    }
    one, other = (Preset.model_validate(small_preset(**guarded | changed)) for changed in ({}, changes))
    found = lifted(one, other)
    assert len(found) == (said is not None)
    assert said is None or said in found[0]
