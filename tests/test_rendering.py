"""From a score to a file: the ceiling holds, formats carry the record, stems sum to the mix."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

import calmando
from calmando import rendering
from calmando.audit import Verdict, audit_score
from calmando.remarks import written_remarks
from calmando.score.pace import steepest_change
from calmando.sound.engine import Engine, Way
from calmando.sound.fluidsynth import hashes
from calmando.sound.loudness.loudness import decide_gain

CEILING_DBTP = -14.0


@pytest.fixture
def loud() -> calmando.Score:
    """A piece whose loudness target would push its peaks far over its ceiling."""
    wishes = {"sound.loudness_lufs": -16, "sound.true_peak_dbtp": CEILING_DBTP, "heartbeat.on": False}
    return calmando.compose(calmando.recipe("bedtime-lullaby", seed=5, minutes=1.2, overrides=wishes))


def test_no_peak_passes_the_ceiling_however_loud_the_target(loud: calmando.Score, tmp_path: Path) -> None:
    """Where the loudness target would push a peak over the ceiling, the whole piece becomes softer instead."""
    rendered = calmando.render(loud, tmp_path / "a.wav")
    assert rendered.true_peak_dbtp is not None
    assert CEILING_DBTP - 0.25 <= rendered.true_peak_dbtp <= CEILING_DBTP
    frames, _ = soundfile.read(tmp_path / "a.wav")
    assert 20 * np.log10(np.abs(frames).max()) <= CEILING_DBTP
    assert any("softer than the -16 LUFS it is meant to be" in remark for remark in rendered.remarks)


@pytest.mark.parametrize("way", list(Way))
def test_a_peak_that_is_foreseen_costs_no_second_writing(
    way: Way, loud: calmando.Score, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the ceiling asks for another gain than the loudness, that is known before anything is written."""

    def again(*_: object) -> float:
        raise AssertionError("the piece was mixed to measure its peak")

    monkeypatch.setattr(rendering, "_gain_below", again)
    monkeypatch.setattr(Engine, "_best_way", lambda _: way)
    peak = calmando.render(loud, tmp_path / "a.wav").true_peak_dbtp
    assert peak is not None
    assert CEILING_DBTP - 0.25 <= peak <= CEILING_DBTP


def test_far_from_the_ceiling_the_loudness_alone_decides(tmp_path: Path) -> None:
    """No gain is lowered for a peak that stays well under its ceiling."""
    score = calmando.compose(calmando.recipe("bedtime-lullaby", seed=5, minutes=1.2))
    wanted = rendering.wanted_sound(score.recipe)
    with rendering.opened_engine(score, rendering.SoundOptions()) as engine:
        loudness = engine.listen_ahead().loudness_lufs
    gain_db = calmando.render(score, tmp_path / "a.wav").gain_db
    assert gain_db == decide_gain(loudness, wanted.target_lufs).gain_db


def test_no_file_ever_appears_that_is_too_loud(
    loud: calmando.Score, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the highest peak was missed, nothing stands under the file's name between a first try and the second.

    The second stays under the ceiling.
    """
    foreseen = Engine._highest_peak
    monkeypatch.setattr(Engine, "_highest_peak", lambda *words: foreseen(*words) - 1.0)
    seen: list[bool] = []
    target = tmp_path / "a.wav"
    lowered: Callable[..., float] = rendering._gain_below

    def watched(*words: object) -> float:
        seen.append(target.exists())
        return lowered(*words)

    monkeypatch.setattr(rendering, "_gain_below", watched)
    peak = calmando.render(loud, target).true_peak_dbtp
    assert seen == [False]
    assert peak is not None
    assert CEILING_DBTP - 0.1 <= peak <= CEILING_DBTP


@pytest.mark.parametrize("suffix", [".mid", ".svg", ".ogg"])
def test_a_silence_longer_than_a_rest_is_told(suffix: str, tmp_path: Path) -> None:
    """Where settings leave a piece without any part, whoever makes it hears from when on and how long."""
    silent = calmando.recipe("deep-sleep", seed=1, minutes=3, overrides={"parts.pad.optional": True})
    remarks = calmando.render(silent, tmp_path / f"a{suffix}").remarks
    assert sum("From 0:54 on nothing sounds for 2 minutes" in remark for remark in remarks) == 1


def test_a_piece_as_its_preset_is_tells_of_no_silence(tmp_path: Path) -> None:
    """Nothing is told where nothing is wrong; music of others may be silent as it likes."""
    score = calmando.compose(calmando.recipe("turn-taking-drum", seed=1, minutes=3))
    assert calmando.render(score, tmp_path / "a.mid").remarks == ()
    silent = tuple(replace(part, notes=()) for part in score.parts)
    others = replace(score, parts=silent, recipe=None)
    assert calmando.render(others, tmp_path / "b.mid").remarks == ()


@pytest.mark.parametrize(
    ("name", "minutes", "overrides"),
    [
        ("infant-lullaby", 3, {}),
        ("infant-lullaby", 5, {}),
        ("bedtime-lullaby", 3, {}),
        ("bedtime-lullaby", 10, {}),
        ("pain-companion", 3, {}),
        ("panic-grounding", 10, {}),
        ("panic-grounding", 8, {"tempo.start_bpm": 118, "tempo.end_bpm": 70}),
        ("guided-imagery", 10, {}),
        ("gait-training", 3, {"tempo.end_bpm": 110}),
    ],
)
def test_the_change_of_tempo_that_is_told_is_the_audits(
    name: str, minutes: float, overrides: dict[str, float]
) -> None:
    """Whoever makes a piece hears of its steepest minute where the audit warns of it, with the audit's number."""
    recipe = calmando.recipe(name, seed=1, minutes=minutes, overrides=overrides)
    score = calmando.compose(recipe)
    finding = audit_score(score, recipe.adapted).finding("tempo-slope")
    told = [remark for remark in written_remarks(score) if "changes by" in remark and "from" in remark]
    if finding.verdict in (Verdict.WARN, Verdict.FAIL):
        assert len(told) == 1 and f"changes by {finding.value:.1f} BPM a minute from" in told[0]
    else:
        assert told == []


def test_grounding_slows_by_three_beats_a_minute_at_the_most() -> None:
    """As its text says: at its own length the whole way, from a faster pulse a part of it, and that is told."""
    own = calmando.compose(calmando.recipe("panic-grounding", seed=1))
    assert own.metres[0].metre.bpm(own.tempo_map.changes[-1].us_per_quarter) == pytest.approx(62, abs=0.1)
    faster = {"tempo.start_bpm": 118, "tempo.end_bpm": 70}
    part = calmando.compose(calmando.recipe("panic-grounding", seed=1, minutes=8, overrides=faster))
    for score in (own, part):
        assert steepest_change(score).value <= 3
    assert any("by 3 BPM a minute at most, and 8 minutes" in remark for remark in written_remarks(part))
    assert not any("Its tempo comes to" in remark for remark in written_remarks(own))


@pytest.mark.parametrize(
    ("end_bpm", "minutes", "told"), [(110, 10, False), (130, 10, False), (110, 0.6, True)]
)
def test_a_cadence_that_is_not_reached_is_told_as_it_is(end_bpm: float, minutes: float, told: bool) -> None:
    """Stairs are felt and lie between sections: too short a walk has no room for them, and only that is told."""
    overrides = {"tempo.end_bpm": end_bpm}
    score = calmando.compose(calmando.recipe("gait-training", seed=1, minutes=minutes, overrides=overrides))
    remarks = [remark for remark in written_remarks(score) if "Its tempo comes to" in remark]
    assert ["between sections only, by 5 % at most" in remark for remark in remarks] == [True] * told


@pytest.mark.parametrize(
    ("seed", "key", "said"),
    [(689851, "F major", None), (2, "E major", "; in E it lies between E4 and C#5. By")],
)
def test_where_the_tune_lies_is_told_of_the_key_of_the_piece(seed: int, key: str, said: str | None) -> None:
    """A register that moves is told in the key that was drawn, never in one that is not in the piece."""
    asked = {"pitch.tune_high": "D5", "pitch.tune_low": "F4"}
    score = calmando.compose(calmando.recipe("panic-grounding", seed=seed, minutes=10, overrides=asked))
    assert score.keys[0].key.name == key
    remarks = [remark for remark in written_remarks(score) if "is meant to lie between F4 and D5" in remark]
    assert len(remarks) == (said is not None)
    assert all(said in remark for remark in remarks if said is not None)


@pytest.mark.parametrize(
    ("name", "program", "told"),
    [
        ("bedtime-lullaby", 89, True),  # warm pad
        ("bedtime-lullaby", 73, False),  # flute
        ("nicu-lullaby", 89, False),  # long notes
    ],
)
def test_a_tune_too_quick_for_its_instrument_is_told(name: str, program: int, told: bool) -> None:
    """A pad needs half a second to come up: most eighths of a lullaby are over before."""
    score = calmando.compose(
        calmando.recipe(name, seed=1, minutes=5, overrides={"parts.melody.program": program})
    )
    assert any("warm pad comes up slowly" in remark for remark in written_remarks(score)) is told


@pytest.mark.parametrize("name", list(calmando.presets()))
def test_the_presets_own_instruments_are_quick_enough(name: str) -> None:
    """No tune of a preset, whoever takes it over, is too quick for the instrument that has it."""
    score = calmando.compose(calmando.recipe(name, seed=2, minutes=10))
    assert not [remark for remark in written_remarks(score) if "comes up slowly" in remark]


@pytest.mark.parametrize(
    ("fonts", "told"), [((), False), (("TimGM6mb",), True), (("calmando", "TimGM6mb"), False)]
)
def test_a_font_that_composing_does_not_reckon_with_is_told(
    fonts: tuple[str, ...], told: bool, tmp_path: Path
) -> None:
    """With other fonts a nap's music may enter as a shock; whoever chooses one hears how to find out."""
    recipe = calmando.recipe("infant-lullaby", seed=5, minutes=1)
    rendered = calmando.render(recipe, tmp_path / "a.flac", soundfonts=fonts)
    assert any("Another SoundFont" in remark for remark in rendered.remarks) is told
    assert not any("meant to be" in remark for remark in rendered.remarks)


@pytest.mark.parametrize(
    ("velocity", "said"),
    [(1, "softer than the -23 LUFS it is meant"), (64, None)],
)
def test_foreign_music_far_from_its_loudness_is_told(velocity: int, said: str | None, tmp_path: Path) -> None:
    """Where no gain that is allowed brings somebody else's notes to their loudness, whoever renders hears of it."""
    score = calmando.compose(calmando.recipe("infant-lullaby", seed=5, minutes=1))
    notes = tuple(note._replace(velocity=velocity) for note in score.parts[0].notes)
    strip = replace(score.parts[0].strip, volume=127, expression=127)
    part = replace(score.parts[0], strip=strip, notes=notes, controls=())
    foreign = replace(score, parts=(part,), recipe=None)
    remarks = calmando.render(foreign, tmp_path / "a.wav").remarks
    told = [remark for remark in remarks if "LUFS" in remark]
    assert [said in remark for remark in told] == ([True] if said else [])
    assert not any("SoundFont" in remark for remark in remarks)


@pytest.mark.parametrize(("velocity", "told"), [(120, True), (30, False)])
@pytest.mark.parametrize("other_font", [True, False])
def test_music_that_breaks_out_is_told(
    velocity: int, told: bool, other_font: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the loudness rises by far more than the preset means, whoever renders hears of it, whichever font plays."""
    recipe = calmando.recipe("infant-lullaby", seed=5, minutes=1)
    score = calmando.compose(recipe)
    middle = score.end_ticks // 2
    notes = [
        note._replace(velocity=velocity if note.onset_ticks > middle else 30) for note in score.parts[0].notes
    ]
    part = replace(score.parts[0], notes=tuple(notes))
    monkeypatch.setattr("calmando.remarks._is_other_font", lambda _: other_font)
    rendered = calmando.render(replace(score, parts=(part,)), tmp_path / "a.wav")
    assert any("rises by" in remark for remark in rendered.remarks) is told


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".mp3"])
def test_every_format_makes_the_piece_again(suffix: str, tmp_path: Path) -> None:
    """From any sound file come the MIDI and, bit for bit, the WAV of the same piece."""
    recipe = calmando.recipe("bedtime-lullaby", seed=5, minutes=1.2, overrides={"heartbeat.on": False})
    made = calmando.render(recipe, tmp_path / f"a{suffix}")
    assert made.length_s == 72.0
    assert soundfile.info(tmp_path / f"a{suffix}").frames == 72 * 44_100
    calmando.replay(tmp_path / f"a{suffix}", tmp_path / "again.mid")
    calmando.write_midi(calmando.compose(recipe), tmp_path / "first.mid")
    assert (tmp_path / "again.mid").read_bytes() == (tmp_path / "first.mid").read_bytes()
    again = calmando.replay(tmp_path / f"a{suffix}", tmp_path / "again.wav")
    assert again.gain_db == made.gain_db


@pytest.mark.parametrize("sample_rate", [44_100, 48_000])
def test_the_length_is_the_length_asked_for(sample_rate: int, tmp_path: Path) -> None:
    """To the frame, at both sample rates, the closing silence digital and within it."""
    recipe = calmando.recipe("bedtime-lullaby", seed=5, minutes=1.25)
    calmando.render(recipe, tmp_path / "a.wav", sample_rate=sample_rate)
    frames, rate = soundfile.read(tmp_path / "a.wav", dtype="int16")
    assert (len(frames), rate) == (75 * sample_rate, sample_rate)
    assert not frames[-5 * sample_rate :].any()


def test_stems_sum_to_the_mix(tmp_path: Path) -> None:
    """The parts' files added up are the mix, within −90 dB."""
    recipe = calmando.recipe("bedtime-lullaby", seed=5, minutes=1.2)
    calmando.render(recipe, tmp_path / "mix.wav", bit_depth="float", stems=tmp_path / "stems")
    mix, _ = soundfile.read(tmp_path / "mix.wav")
    stems = [soundfile.read(path)[0] for path in sorted((tmp_path / "stems").iterdir())]
    assert len(stems) >= 3
    difference = np.sqrt(np.mean((np.sum(stems, axis=0) - mix) ** 2))
    assert 20 * np.log10(difference / np.sqrt(np.mean(mix**2))) <= -90


@pytest.mark.parametrize("preset", ["deep-sleep", "nicu-lullaby", "gait-training", "quiet-focus"])
def test_the_loudness_is_the_one_the_preset_asks_for(preset: str, tmp_path: Path) -> None:
    """Within half a unit, long fades or none, drums or pads; the peak stays under the preset's ceiling."""
    recipe = calmando.recipe(preset, seed=4, minutes=3)
    rendered = calmando.render(recipe, tmp_path / "a.flac")
    assert rendered.loudness_lufs == pytest.approx(recipe.preset.sound.loudness_lufs, abs=0.5)
    assert rendered.true_peak_dbtp is not None
    assert rendered.true_peak_dbtp <= recipe.preset.sound.true_peak_dbtp


def test_too_little_memory_to_get_ready_prints_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever renders meets it again and is told then; no traceback comes from beside."""

    def fails(_: Path) -> None:
        raise MemoryError

    uncaught: list[object] = []
    monkeypatch.setattr(hashes, "font_used", fails)
    monkeypatch.setattr(threading, "excepthook", uncaught.append)
    rendering.get_ready(rendering.SoundOptions())
    for thread in threading.enumerate():
        if thread.name == "calmando-ahead":
            thread.join()
    assert uncaught == []
