"""What a program may pass by mistake: told as an error of our own, and never heard."""

from __future__ import annotations

import asyncio
import copy
import math
import pickle
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import calmando
from calmando.given import given_whole_within
from calmando.preset.model import Intent
from calmando.score.given_score import given_score
from calmando.score.model import (
    ControlChange,
    Controller,
    Fades,
    KeyChange,
    MetreChange,
    Note,
    PhraseSpan,
    Section,
)
from calmando.score.tempo_map import TempoChange, TempoMap
from calmando.sound.mixing import reverb
from calmando.theory.metre import METRES, Metre
from calmando.theory.scale import MODES, Key, Mode

LULLABY = "bedtime-lullaby"


@pytest.fixture(scope="module")
def recipe() -> calmando.Recipe:
    """A short lullaby."""
    return calmando.recipe(LULLABY, seed=1, minutes=1.5)


def test_numbers_of_an_array_are_numbers(tmp_path: Path) -> None:
    """A setting taken from an array goes into the record like any other."""
    overrides: dict[str, Any] = {
        "tempo.start_bpm": np.float32(64),
        "tempo.end_bpm": np.int64(60),
        "heartbeat.on": np.bool_(False),
        "pitch.modes": np.array(["dorian"]),
    }
    made = calmando.recipe(LULLABY, seed=1, minutes=2, overrides=overrides)
    calmando.write_midi(calmando.compose(made), tmp_path / "a.mid")
    calmando.replay(tmp_path / "a.mid", tmp_path / "b.mid")
    assert (tmp_path / "a.mid").read_bytes() == (tmp_path / "b.mid").read_bytes()


def test_a_recipe_of_other_kinds_of_values_is_the_recipe_that_its_file_holds() -> None:
    """Exact decimals, fractions and bytes become what a file can keep, so that what is read back is equal."""
    overrides = {
        "melody.stability": Decimal("0.5"),
        "melody.activity": Fraction(1, 4),
        "title": "Zoë".encode(),
    }
    made = calmando.recipe(LULLABY, seed=1, minutes=2, overrides=overrides)
    assert made.overrides == {"melody.stability": 0.5, "melody.activity": 0.25, "title": "Zoë"}
    assert calmando.Recipe.model_validate_json(made.model_dump_json()) == made


@pytest.mark.parametrize(
    ("minutes", "overrides", "said"),
    [(0.2, {}, "Ask for at least"), (2, {"melody.bars": 7}, "A tune of 7 bars")],
    ids=["length", "bars"],
)
def test_a_piece_that_cannot_be_composed_is_told(
    minutes: float, overrides: dict[str, object], said: str
) -> None:
    """As a fault of the preset and its changes, which is what `compose` promises."""
    made = calmando.recipe(LULLABY, seed=1, minutes=minutes, overrides=overrides)
    with pytest.raises(calmando.PresetError, match=said):
        calmando.compose(made)


@pytest.mark.parametrize("name", ["a.mid", "a.png"])
def test_stems_are_refused_where_there_is_no_sound(
    name: str, recipe: calmando.Recipe, tmp_path: Path
) -> None:
    """Notes and pictures are not written as if there were stems beside them."""
    with pytest.raises(calmando.InputError, match="need a sound file"):
        calmando.render(recipe, tmp_path / name, stems=tmp_path / "parts")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("preset", [None, 3, b"x", [], object()])
def test_what_is_no_preset_is_told(preset: Any) -> None:
    """Not with an attribute that something lacks."""
    with pytest.raises(calmando.PresetError, match="is no preset"):
        calmando.recipe(preset)


@pytest.mark.parametrize(
    "wrong",
    [
        {"seed": True},
        {"seed": "7"},
        {"seed": 7.0},
        {"minutes": True},
        {"minutes": [1]},
        {"minutes": 10**400},
        {"minutes": 10**5_000},
        {"seed": 10**5_000},
        {"overrides": {"tempo.start_bpm": 10**5_000}},
        {"overrides": [1]},
        {"overrides": "tempo"},
        {"overrides": {1: 2}},
        {"overrides": {"title": "a\0"}},
        {"overrides": {"tempo.start_bpm": object()}},
        {"overrides": {"parts.guitar.name": 10**5_000}},
        {"overrides": {"tempo.start_bpm": math.nan}},
    ],
    ids=lambda wrong: "-".join(f"{name}={type(value).__name__}" for name, value in wrong.items()),
)
def test_a_wrong_value_of_a_recipe_is_told(wrong: dict[str, Any]) -> None:
    """Every one is a PresetError, whatever its type."""
    with pytest.raises(calmando.PresetError):
        calmando.recipe(LULLABY, **({"minutes": 2} | wrong))


@pytest.mark.parametrize(
    "wrong",
    [
        {"sample_rate": 10**5_000},
        {"start_bar": 10**5_000},
        {"block_frames": -(10**5_000)},
        {"gain_db": 10**5_000},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_number_too_long_to_write_out_is_told(wrong: dict[str, Any], recipe: calmando.Recipe) -> None:
    """Python writes out no more than a few thousand digits; the message does without them."""
    with pytest.raises(calmando.InputError, match="thousands of digits"):
        next(calmando.stream(recipe, **wrong))


def test_a_recipe_is_out_of_its_callers_reach() -> None:
    """Settings changed after the recipe was made do not change it; a tuple is a list."""
    modes, settings = ["dorian"], dict[str, Any]()
    settings |= {"pitch.modes": modes, "pitch.tonics": ("C",)}
    made = calmando.recipe(LULLABY, seed=1, minutes=2, overrides=settings)
    modes.append("nonsense")
    settings["tempo.end_bpm"] = 1e9
    assert made.overrides == {"pitch.modes": ["dorian"], "pitch.tonics": ["C"]}


def _holding_itself(kind: type[list[Any]] | type[dict[str, Any]]) -> Any:
    value: Any = kind()
    if isinstance(value, list):
        value.append(value)
    else:
        value["x"] = value
    return value


@pytest.mark.parametrize("kind", [list, dict])
@pytest.mark.parametrize("key", ["pitch.modes", "tempo", "title"])
def test_a_setting_that_holds_itself_is_told(key: str, kind: Any) -> None:
    """A value without end is refused in words, as an override and in a changed preset."""
    with pytest.raises(calmando.PresetError, match="contains itself"):
        calmando.recipe(LULLABY, overrides={key: _holding_itself(kind)})
    changed = calmando.load_preset(LULLABY).model_copy(update={key.split(".")[0]: _holding_itself(kind)})
    with pytest.raises(calmando.PresetError, match="contains itself"):
        calmando.recipe(changed)


@pytest.mark.parametrize("changes", [{"minutes": -5}, {"minutes": "x"}, {"tempo": None}, {"title": "a\0"}])
def test_a_preset_changed_in_a_program_is_checked(changes: dict[str, Any]) -> None:
    """A copy of a preset with something changed is held against the limits that a file is."""
    changed = calmando.load_preset(LULLABY).model_copy(update=changes)
    with pytest.raises(calmando.PresetError, match=next(iter(changes))):
        calmando.recipe(changed)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"minutes": -5}, "The length is -5 minutes"),
        ({"minutes": "x"}, "The length is x minutes"),
        ({"seed": -1}, "The seed is -1"),
        ({"preset": "none-such"}, "no preset called none-such"),
        ({"preset": calmando.load_preset(LULLABY).model_copy(update={"tempo": None})}, "tempo"),
        ({"overrides": {"tempo.end_bpm": 1}}, "tempo.end_bpm is 1"),
        ({"overrides": None, "length": 5}, "length of a recipe cannot be changed"),
        ({"composer": 1}, "composer of a recipe cannot be changed"),
    ],
)
def test_a_recipe_changed_in_a_program_is_checked(
    changes: dict[str, Any], said: str, recipe: calmando.Recipe
) -> None:
    """A copy with something changed is refused where it is made, not where it fails to sound."""
    with pytest.raises(calmando.InputError, match=said):
        recipe.model_copy(update=changes)


def test_a_copy_of_a_recipe_is_the_same_recipe(recipe: calmando.Recipe) -> None:
    """Copied whole it is equal; with another length, seed or other settings it is what `recipe` makes of them."""
    assert recipe.model_copy() == recipe == recipe.model_copy(deep=True)
    earlier = calmando.Recipe(**{**dict(recipe), "composer": 0})
    assert earlier.model_copy() == earlier
    changed = recipe.model_copy(update={"minutes": 2, "seed": 3, "overrides": {"tempo.end_bpm": 60}})
    assert changed == calmando.recipe(LULLABY, seed=3, minutes=2, overrides={"tempo.end_bpm": 60})


@pytest.mark.parametrize("piece", [None, LULLABY, 3, {}])
def test_what_is_no_piece_is_told(piece: Any, tmp_path: Path) -> None:
    """Who passes a preset's name where a recipe belongs is told how to make one."""
    for call in (
        lambda: calmando.compose(piece),
        lambda: calmando.render(piece, tmp_path / "a.flac"),
        lambda: calmando.write_midi(piece, tmp_path / "a.mid"),
        lambda: next(calmando.stream(piece)),
    ):
        with pytest.raises(calmando.InputError, match=r"calmando\.recipe\("):
            call()
    assert not list(tmp_path.iterdir())


def test_midi_is_written_under_a_midi_name_only(recipe: calmando.Recipe, tmp_path: Path) -> None:
    """No notes in a file whose name says that it is sound."""
    with pytest.raises(calmando.InputError, match=r"end in \.mid"):
        calmando.write_midi(calmando.compose(recipe), tmp_path / "a.wav")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "wrong",
    [
        {"gain_db": math.nan},
        {"gain_db": math.inf},
        {"gain_db": 500},
        {"block_frames": 1.5},
        {"block_frames": "x"},
        {"start_bar": 1.5},
        {"start_bar": "1"},
        {"sample_rate": 8_000},
        {"sample_rate": 44_100.0},
        {"sample_rate": True},
        {"gain_db": "x"},
        {"gain_db": [1]},
        {"soundfonts": None},
        {"soundfonts": 3},
        {"soundfonts": [3]},
        {"soundfonts": b"x"},
    ],
    ids=lambda wrong: "-".join(f"{name}={type(value).__name__}" for name, value in wrong.items()),
)
def test_a_stream_of_nonsense_never_sounds(wrong: dict[str, Any], recipe: calmando.Recipe) -> None:
    """No block of noise, or of what is not a number, reaches a loudspeaker."""
    with pytest.raises(calmando.InputError):
        next(calmando.stream(recipe, **wrong))


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_caller_that_gives_up_leaves_nothing(
    error: type[BaseException], recipe: calmando.Recipe, tmp_path: Path
) -> None:
    """An exception in the progress callback is the caller's own, the old file stays, nothing else is there."""

    def give_up(_: calmando.Progress) -> None:
        raise error

    old = tmp_path / "a.wav"
    old.write_bytes(b"old")
    with pytest.raises(error):
        calmando.render(recipe, old, progress=give_up)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.wav", b"old")]


def test_two_streams_at_once_do_not_mix(recipe: calmando.Recipe) -> None:
    """Taken in turn, one closed early and its block written over, they are each the same as alone."""

    alone = calmando.stream(recipe)
    expected = [next(alone) for _ in range(8)]
    one, other = calmando.stream(recipe), calmando.stream(recipe)
    for block in expected[:4]:
        assert np.array_equal(next(one), block)
        spoiled = next(other)
        assert np.array_equal(spoiled, block)
        spoiled[:] = 9
    one.close()  # type: ignore[attr-defined]  # it is a generator, though not promised to be one
    for block in expected[4:]:
        assert np.array_equal(next(other), block)


@pytest.mark.parametrize(
    "wrong",
    [
        *(None, 3, b"x", [], object(), True, "a\0.wav"),
        pytest.param(
            "a\ud800.wav", marks=pytest.mark.skipif(sys.platform == "win32", reason="Windows takes it")
        ),
    ],
)
def test_what_is_no_path_is_told_at_every_door(
    wrong: Any, recipe: calmando.Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not with the words of whichever library meets it first; and nothing is written."""
    monkeypatch.chdir(tmp_path)
    score = calmando.compose(recipe)
    doors = (
        lambda: calmando.render(recipe, wrong),
        lambda: calmando.write_midi(score, wrong),
        lambda: calmando.replay(wrong, "b.mid"),
        lambda: calmando.replay("a.mid", wrong),
        lambda: calmando.audit_file(wrong),
    )
    for door in doors:
        with pytest.raises(calmando.InputError, match=r"path|file|U\+0000|U\+D800"):
            door()
    with pytest.raises(calmando.InputError):
        calmando.load_preset("a\0.toml" if isinstance(wrong, str) else wrong)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"quality": "x"}, "quality is 'x' .* a number"),
        ({"quality": math.nan}, "quality is nan"),
        ({"stems": 3}, "stems is 3 .* a path"),
        ({"progress": 3}, "progress is 3 .* a function"),
        ({"bit_depth": []}, "bit depth"),
        ({"sample_rate": "44100"}, "sample_rate is '44100' .* a whole number"),
        ({"soundfonts": "x" * 500}, "x"),
    ],
    ids=lambda wrong: "-".join(wrong) if isinstance(wrong, dict) else "",
)
def test_a_wrong_way_to_render_is_told(
    wrong: dict[str, Any], said: str, recipe: calmando.Recipe, tmp_path: Path
) -> None:
    """What was given, what belongs there; nothing is written."""
    with pytest.raises(calmando.InputError, match=said) as told:
        calmando.render(recipe, tmp_path / "a.ogg", **wrong)
    assert len(str(told.value)) < 600
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda score: calmando.compose(calmando.recipe(LULLABY), tune=score), "tune .* a Tune"),
        (lambda score: calmando.audit_score(score, "slep"), "intent is 'slep' .* an intent: .*, sleep,"),
        (lambda score: calmando.audit_score(None, calmando.load_preset(LULLABY)), "score .* a Score"),
        (lambda score: calmando.audit_score(score, calmando.load_preset(LULLABY), bounds=3), "OwnBounds"),
        (lambda _: calmando.audit_file("a.mid", tune=3), "tune is 3 .* name of a part"),
        (lambda _: calmando.audit_file("a.mid", score=3), "score is 3 .* a Score"),
    ],
    ids=["tune", "intent", "score", "bounds", "part", "file-score"],
)
def test_a_thing_of_the_wrong_kind_is_told(call: Any, said: str, recipe: calmando.Recipe) -> None:
    """With its name, its kind and the kind that belongs there."""
    with pytest.raises(calmando.InputError, match=said):
        call(calmando.compose(recipe))


def test_a_purpose_is_named_by_its_word(recipe: calmando.Recipe, tmp_path: Path) -> None:
    """As at the command line: the kind of thing that has it stands at no public door. An empty word is none."""
    score = calmando.compose(recipe)
    assert calmando.audit_score(score, "sleep") == calmando.audit_score(score, Intent.SLEEP)
    file = calmando.write_midi(score, tmp_path / "a.mid")
    assert calmando.audit_file(file, "sleep").intent is Intent.SLEEP
    with pytest.raises(calmando.InputError, match="intent is ''"):
        calmando.audit_file(file, "")


def _tune() -> calmando.Tune:
    """Two phrases of two bars in C, with an upbeat."""
    notes = (calmando.TuneNote(-480, 480, 55), *(calmando.TuneNote(480 * n, 480, 60 + n) for n in range(12)))
    chords = tuple(
        calmando.TuneChord(1440 * bar, 1440, numeral) for bar, numeral in enumerate(["I", "IV", "V", "I"])
    )
    phrases = (calmando.TunePhrase("A", 0, 2), calmando.TunePhrase("B", 2, 4))
    return calmando.Tune(Key(0, MODES["major"]), METRES["3/4"], notes, chords, phrases, upbeat_ticks=480)


def _first(field: str, **changes: Any) -> Callable[[calmando.Tune], calmando.Tune]:
    """The tune with the second of its notes, chords or phrases changed."""

    def changed(tune: calmando.Tune) -> calmando.Tune:
        first, second, *rest = getattr(tune, field)
        return replace(tune, **{field: (first, replace(second, **changes), *rest)})

    return changed


def _all(**changes: Any) -> Callable[[calmando.Tune], calmando.Tune]:
    return lambda tune: replace(tune, **changes)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (_all(phrases=()), "no phrases.*TunePhrase"),
        (_all(chords=()), "no chords.*TuneChord"),
        (_all(notes=None), "tune.notes is an object .NoneType..*tuple or a list"),
        (_all(notes=(60, 62)), r"tune.notes\[0\] is 60 .int.. It must be a TuneNote"),
        (_all(key="C"), "tune.key is 'C' .* a Key"),
        (_all(key=Key(12, MODES["major"])), "tonic is 12. It must be 0 to 11"),
        (_all(key=Key(0, Mode("blues", (0, 3, 5, 6, 7, 10), 3, True))), "'blues'. The composer knows major"),
        (_all(metre="3/4"), "tune.metre is '3/4' .* a Metre"),
        (_all(metre=Metre(5, 4, 480)), "5/4.*2/4, 3/4, 4/4, 6/8"),
        (_all(upbeat_ticks=-480), "upbeat_ticks is -480"),
        (_all(upbeat_ticks=48_000), "upbeat_ticks is 48000.* a bar at the most"),
        (_all(upbeat_ticks=0), r"notes\[0\] begins 480 ticks before.*upbeat_ticks=480"),
        (_first("phrases", first_bar=3), r"phrases\[1\] begins with bar 3.*with bar 2"),
        (_first("phrases", end_bar=2), r"phrases\[1\].* at least one bar.*3 or more"),
        (_first("phrases", end_bar=80), "last chord .* ends at tick 5760.*ends at tick 115200"),
        (_first("phrases", label=3), r"phrases\[1\].label is 3"),
        (_first("chords", numeral="Qmaj"), r"chords\[1\].numeral is 'Qmaj'.*Write I, ii"),
        (_first("chords", numeral=""), r"chords\[1\].numeral is ''"),
        (_first("chords", numeral=4), r"chords\[1\].numeral is 4"),
        (_first("chords", duration_ticks=0), r"chords\[1\].duration_ticks is 0"),
        (_first("chords", onset_ticks=960), r"chords\[1\] begins at tick 960.*at tick 1440"),
        (_first("notes", pitch=60.5), r"notes\[1\].pitch is 60.5 .float.. It must be a whole number"),
        (_first("notes", pitch=200), r"notes\[1\].pitch is 200. It must be 0 to 127"),
        (_first("notes", pitch=-5), r"notes\[1\].pitch is -5"),
        (_first("notes", pitch=True), r"notes\[1\].pitch is True"),
        (_first("notes", duration_ticks=0), r"notes\[1\].duration_ticks is 0"),
        (_first("notes", duration_ticks=-9), r"notes\[1\].duration_ticks is -9"),
        (_first("notes", duration_ticks=481), r"notes\[2\] begins at tick 480.*ends at tick 481"),
        (_first("notes", onset_ticks=0.5), r"notes\[1\].onset_ticks is 0.5"),
        (_first("notes", onset_ticks=-480), r"notes\[1\] begins at tick -480.*in order"),
        (
            lambda tune: replace(tune, notes=(*tune.notes, replace(tune.notes[-1], onset_ticks=5760))),
            "ends at tick 6240",
        ),
    ],
)
def test_a_wrong_tune_is_told(
    wrong: Callable[[calmando.Tune], calmando.Tune], said: str, recipe: calmando.Recipe
) -> None:
    """Which of its notes, chords or phrases, what is wrong with it, what belongs there; before any note is composed."""
    with pytest.raises(calmando.InputError, match=said) as told:
        calmando.compose(recipe, tune=wrong(_tune()))
    assert told.value.why


def test_a_tune_of_lists_and_numbers_of_an_array_is_one(recipe: calmando.Recipe) -> None:
    """What a program reads from a table serves like a tune written out."""
    tune = _tune()
    notes = [
        calmando.TuneNote(*(np.int64(n) for n in (x.onset_ticks, x.duration_ticks, x.pitch)))
        for x in tune.notes
    ]
    given: Any = replace(tune, notes=notes, chords=list(tune.chords), phrases=list(tune.phrases))
    assert calmando.compose(recipe, tune=given) == calmando.compose(recipe, tune=tune)


def _note(**changes: Any) -> Callable[[calmando.Score], calmando.Score]:
    """The score with the second note of its first part changed."""

    def changed(score: calmando.Score) -> calmando.Score:
        first, second, *rest = score.parts[0].notes
        return _part(notes=(first, second._replace(**changes), *rest))(score)

    return changed


def _part(**changes: Any) -> Callable[[calmando.Score], calmando.Score]:
    return lambda score: replace(score, parts=(replace(score.parts[0], **changes), *score.parts[1:]))


def _strip(**changes: Any) -> Callable[[calmando.Score], calmando.Score]:
    return lambda score: _part(strip=replace(score.parts[0].strip, **changes))(score)


def _tempo(*changes: TempoChange) -> Callable[[calmando.Score], calmando.Score]:
    return _score(tempo_map=TempoMap.of(changes))


def _score(**changes: Any) -> Callable[[calmando.Score], calmando.Score]:
    return lambda score: replace(score, **changes)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (_note(pitch=200), r"parts\[0\].notes\[1\].pitch \(part melody\) is 200. It must be 0 to 127"),
        (_note(pitch=60.0), r"notes\[1\].pitch \(part melody\) is 60.0 .float.. It must be a whole number"),
        (_note(pitch=True), r"notes\[1\].pitch .* is True"),
        (_note(velocity=0), r"notes\[1\].velocity .* is 0. It must be 1 to 127"),
        (_note(velocity=200), r"notes\[1\].velocity .* is 200"),
        (_note(duration_ticks=0), r"notes\[1\].duration_ticks .* is 0. It must be 1 or more"),
        (_note(duration_ticks=-100), r"notes\[1\].duration_ticks .* is -100"),
        (_note(onset_ticks=-100), r"notes\[1\].onset_ticks .* is -100"),
        (_note(onset_ticks=3.5), r"notes\[1\].onset_ticks .* is 3.5"),
        (_part(notes=(60,)), r"notes\[0\] is 60 .int.. It must be a Note"),
        (_part(notes=None), "notes is an object .NoneType."),
        (_strip(channel=20), r"channel \(part melody\) is 20. It must be 0 to 15"),
        (_strip(program=200), "program .* is 200"),
        (_strip(bank=500), "bank .* is 500"),
        (_strip(volume=300), "volume .* is 300"),
        (_strip(name=3), "name is 3 .int.. It must be a str"),
        (_strip(role="melody"), "role is 'melody' .* a Role"),
        (_part(controls=(ControlChange(0, Controller.VOLUME, 300),)), r"controls\[0\].value .* is 300"),
        (_part(controls=(ControlChange(-5, Controller.VOLUME, 30),)), r"controls\[0\].ticks .* is -5"),
        (_part(controls=(ControlChange(0, 1, 30),)), r"controls\[0\].controller .* is 1\b"),  # type: ignore[arg-type]
        (_part(controls=(ControlChange(0, Controller.BANK, 3),)), r"controls\[0\].controller .*BANK"),
        (_score(parts=(3,)), r"parts\[0\] is 3 .int.. It must be a Part"),
        (_score(parts=()), "no parts"),
        (_score(title=None), "title is an object"),
        (_score(length_s=0.0), "length_s is 0. A piece lasts at least 0.01 s"),
        (_score(length_s=1e-9), "length_s is 1e-09"),
        (_score(title="a" * 100_000), "title has 100000 letters"),
        (_tempo(TempoChange(0, 60_000_000)), r"changes\[0\].us_per_quarter is 60000000"),
        (
            _tempo(TempoChange(0, 10**6), TempoChange(2**70, 10**5)),
            r"changes\[1\].ticks is 1180591620717411303424",
        ),
        (_score(tempo_map=TempoMap((), (), ())), "first tempo change must stand at tick 0"),
        (_score(tempo_map=TempoMap((TempoChange(0, 0.5),), (0,), (0,))), "us_per_quarter is 0.5"),  # type: ignore[arg-type]
        (_score(length_s=math.nan), "length_s is nan"),
        (_score(length_s=1e9), "length_s is 1e.09.* at most 12 hours"),
        (_score(fades=Fades(math.nan)), "fade_in_s is nan"),
        (_score(fades=Fades(-3.0)), "fade_in_s is -3"),
        (_score(fades=Fades(0.0, 60.0, 60.0)), "fade-out and the silence after it take 120 s"),
        (_score(tempo_map=60), "tempo_map is 60 .* a TempoMap"),
        (_score(metres=()), "metres is empty"),
        (_score(metres=(MetreChange(480, METRES["3/4"]),)), r"metres\[0\].ticks is 480"),
        (_score(metres=(MetreChange(0, Metre(3, 5, 480)),)), "denominator is 5. MIDI knows 1, 2, 4"),
        (_score(metres=(MetreChange(0, Metre(0, 4, 480)),)), "numerator is 0"),
        (_score(keys=()), "keys is empty"),
        (_score(keys=(KeyChange(0, "C"),)), r"keys\[0\].key is 'C'"),  # type: ignore[arg-type]
        (_score(sections=(Section(-1, "a"),)), r"sections\[0\].onset_ticks is -1"),
        (_score(phrases=(PhraseSpan(0, 9, None),)), r"phrases\[0\].label is an object"),  # type: ignore[arg-type]
        (_score(recipe="a"), "recipe is 'a'"),
    ],
)
def test_a_score_that_cannot_be_played_is_told_at_every_door(
    wrong: Callable[[calmando.Score], calmando.Score], said: str, recipe: calmando.Recipe, tmp_path: Path
) -> None:
    """The part and the note are named, with what belongs there; nothing is written and nothing sounds."""
    score = wrong(calmando.compose(recipe))
    doors: tuple[Callable[[], object], ...] = (
        lambda: calmando.write_midi(score, tmp_path / "a.mid"),
        lambda: calmando.render(score, tmp_path / "a.flac"),
        lambda: calmando.render(score, tmp_path / "a.png"),
        lambda: next(calmando.stream(score)),
        lambda: calmando.audit_score(score, calmando.load_preset(LULLABY)),
    )
    for door in doors:
        with pytest.raises(calmando.InputError, match=said):
            door()
    assert not list(tmp_path.iterdir())


def test_a_score_of_lists_and_numbers_of_an_array_is_one(recipe: calmando.Recipe, tmp_path: Path) -> None:
    """A score from a program's own tables is written like any other."""
    score = calmando.compose(recipe)
    part = score.parts[0]
    notes: Any = [
        Note(*map(np.int64, (n.onset_ticks, n.duration_ticks, n.pitch, n.velocity))) for n in part.notes
    ]
    calmando.write_midi(score, tmp_path / "a.mid")
    calmando.write_midi(_part(notes=notes)(score), tmp_path / "b.mid")
    assert (tmp_path / "a.mid").read_bytes() == (tmp_path / "b.mid").read_bytes()


def test_a_score_is_looked_at_in_no_time(recipe: calmando.Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty thousand notes are looked at together: each by itself would take tenths of a second."""
    score = calmando.compose(recipe)
    long = _part(notes=score.parts[0].notes * (20_000 // len(score.parts[0].notes) + 1))(score)
    looked_at: list[str] = []

    def counted(value: object, name: str, *limits: Any) -> int:
        looked_at.append(name)
        return given_whole_within(value, name, *limits)

    monkeypatch.setattr("calmando.score.given_score.given_whole_within", counted)
    given_score(long)
    assert looked_at
    assert not [name for name in looked_at if ".notes[" in name]


def test_a_score_as_composed_is_not_looked_at_again(
    recipe: calmando.Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was made here and cannot be changed; one that was made of it is looked at."""
    score = calmando.compose(recipe)
    assert score.is_as_composed
    changed = replace(score, title="Another")
    assert not changed.is_as_composed
    monkeypatch.setattr("calmando.score.given_score._check_part", None)
    assert given_score(score) is score
    with pytest.raises(TypeError):
        given_score(changed)


@pytest.mark.parametrize("name", calmando.presets())
def test_every_score_that_is_composed_passes(name: str) -> None:
    """No piece of our own is refused."""
    given_score(replace(calmando.compose(calmando.recipe(name, seed=3, minutes=10))))


def test_a_whole_number_of_an_array_is_one(recipe: calmando.Recipe) -> None:
    """A sample rate, a bar or a gain taken from an array serves like any other."""
    plain = next(calmando.stream(recipe, sample_rate=48_000, start_bar=2, gain_db=3))
    given: dict[str, Any] = {
        "sample_rate": np.int64(48_000),
        "start_bar": np.int8(2),
        "gain_db": np.float32(3),
        "block_frames": np.int32(4_096),
    }
    assert np.array_equal(next(calmando.stream(recipe, **given)), plain)


def test_without_a_temporary_folder_only_sound_is_refused(
    recipe: calmando.Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is missing and how to give it is told; finished files are read all the same."""
    calmando.render(recipe, tmp_path / "a.flac")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    monkeypatch.setattr(reverb, "_measured", {})
    with pytest.raises(calmando.MissingError, match="temporary") as told:
        calmando.render(recipe, tmp_path / "b.flac")
    assert "TMPDIR" in told.value.fix
    calmando.replay(tmp_path / "a.flac", tmp_path / "b.mid")
    assert calmando.audit_file(tmp_path / "a.flac").length_s == pytest.approx(90)
    assert {path.name for path in tmp_path.iterdir()} == {"a.flac", "b.mid"}


def test_what_is_made_survives_a_pickle_a_copy_and_a_dictionary(
    recipe: calmando.Recipe, tmp_path: Path
) -> None:
    """Values that go to another process, or are kept as keys, are equal to what they were, and hash alike."""
    score = calmando.compose(recipe)
    rendered = calmando.render(recipe, tmp_path / "a.ogg")
    audit = calmando.audit_file(tmp_path / "a.ogg")
    for value in (recipe, recipe.preset, score, rendered, audit):
        sent = pickle.loads(pickle.dumps(value))
        assert sent == value == copy.deepcopy(value), type(value)
        assert {value: "kept"}[sent] == "kept"
    assert audit == calmando.audit_file(tmp_path / "a.ogg")
    error = calmando.PresetError("what", "why", "fix")
    sent = pickle.loads(pickle.dumps(error))
    assert (type(sent), sent.what, sent.why, sent.fix) == (calmando.PresetError, "what", "why", "fix")


def test_equal_recipes_hash_alike_and_others_differ(recipe: calmando.Recipe) -> None:
    """A whole number written as 60 or 60.0 is one setting; another seed is another piece."""
    whole, broken = (calmando.recipe(LULLABY, seed=1, overrides={"tempo.end_bpm": bpm}) for bpm in (60, 60.0))
    assert whole == broken
    assert hash(whole) == hash(broken)
    assert len({recipe, calmando.recipe(LULLABY, seed=1, minutes=1.5), calmando.recipe(LULLABY, seed=2)}) == 2


def test_pieces_are_made_side_by_side_in_asyncio(recipe: calmando.Recipe, tmp_path: Path) -> None:
    """In an event loop's threads every piece comes out as it would alone."""

    async def both() -> list[calmando.Rendered]:
        paths = [tmp_path / f"{number}.flac" for number in range(2)]
        return await asyncio.gather(*(asyncio.to_thread(calmando.render, recipe, path) for path in paths))

    first, second = asyncio.run(both())
    assert first.path.read_bytes() == second.path.read_bytes()
