"""Findings: readings against bounds, the tables they come from, and contrary pieces that fail for the right reason."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from constructed import (
    SR,
    Sound,
    atonal_score,
    calm_score,
    calm_sound,
    click_track,
    crescendo,
    cymbal_march,
    march_score,
    notes,
    score,
    silence,
    sine,
    sudden_tutti,
)

from calmando.audit import Audit, Bound, Playback, Verdict, audit_audio, audit_piece, audit_score
from calmando.audit.judge import Reading, judge, shown, verdict_on
from calmando.audit.music import music_of_score
from calmando.audit.read_written import written_readings
from calmando.audit.standard import measures, standard_for
from calmando.errors import InputError
from calmando.preset.load import found_presets, load_preset
from calmando.preset.model import Intent, Status
from calmando.preset.recipe import make_recipe
from calmando.rendering import compose
from calmando.score.model import Note, Role
from calmando.told_time import clock


def failing(audit: Audit) -> set[str]:
    """The keys of what failed."""
    return {finding.key for finding in audit.of(Verdict.FAIL)}


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        (5.0, Verdict.PASS),
        (4.0, Verdict.PASS),
        (3.9, Verdict.WARN),
        (2.0, Verdict.WARN),
        (1.9, Verdict.FAIL),
        (8.1, Verdict.WARN),
        (10.1, Verdict.FAIL),
    ],
)
def test_verdicts(value: float, verdict: Verdict) -> None:
    """Within the bound is a pass, beyond the limit of failure a failure, between them a warning."""
    assert verdict_on(value, Bound(low=4, high=8, fail_low=2, fail_high=10)) is verdict


def test_an_excuse_makes_a_pass_and_says_so() -> None:
    """A value beyond its bound with a reason passes, in the words of the reason."""
    reading = Reading("attack", 12.0, excuse="Plucked, and soft.")
    (finding,) = judge([reading], standard_for(Intent.RELAXATION))
    assert (finding.verdict, finding.sentence) == (Verdict.PASS, "Plucked, and soft.")


def test_what_cannot_be_measured_says_why() -> None:
    """No value gives no verdict, but a reason."""
    (finding,) = judge([Reading("attack", None, why_not="No note.")], standard_for(Intent.SLEEP))
    assert (finding.verdict, finding.value, finding.sentence) == (Verdict.NOT_MEASURED, None, "No note.")


def test_a_value_that_rounding_would_hide_is_told_finer() -> None:
    """A density of 4.04 against a bound of 4.0 is not called 4.0."""
    (finding,) = judge([Reading("onset-density", 4.04)], standard_for(Intent.RELAXATION))
    assert "4.04" in finding.sentence


def test_numbers_and_moments_as_people_write_them() -> None:
    """A true minus sign, and minutes and seconds."""
    assert (shown(-23.04, 1), shown(0.04, 1), clock(3_599.6)) == ("−23.0", "0.0", "1:00:00")


@pytest.mark.parametrize("intent", list(Intent))
def test_every_intent_has_bounds_for_known_measures(intent: Intent) -> None:
    """Every intent has bounds; each is of a measure in the table, is in order, and has the sentences it needs."""
    bounds = standard_for(intent).bounds
    assert len(bounds) > 40
    for key, bound in bounds.items():
        measure = measures()[key]
        limits = [bound.fail_low, bound.low, bound.high, bound.fail_high]
        given = [limit for limit in limits if limit is not None]
        assert given == sorted(given), key
        assert measure.low or (bound.low is None and bound.fail_low is None), key
        assert measure.high or (bound.high is None and bound.fail_high is None), key


def test_every_measure_is_bounded_somewhere() -> None:
    """No measure stands in the table that no intent holds to a bound or at least names."""
    named = {key for intent in Intent for key in standard_for(intent).bounds}
    assert named == set(measures())


def test_all_twenty_five_families_are_measured() -> None:
    """The table covers the families 1 to 25, and says source and status of each."""
    assert {measure.row for measure in measures().values()} == set(range(26))
    assert all(measure.source and measure.formula for measure in measures().values())


def test_a_preset_brings_its_own_promises() -> None:
    """Loudness, ceiling and step of a preset stand in place of the intent's."""
    preset = load_preset("deep-sleep")
    bounds = standard_for(preset).bounds
    target = preset.sound.loudness_lufs
    assert (bounds["loudness"].low, bounds["loudness"].high) == (target - 2, target + 2)
    assert bounds["true-peak"].high == preset.sound.true_peak_dbtp
    assert bounds["loudness-step"].high == preset.sound.largest_step_lu


def test_every_preset_finds_its_standard() -> None:
    """Each preset's intent has bounds."""
    assert all(standard_for(load_preset(found.name)).bounds for found in found_presets())


def test_a_design_bound_says_so() -> None:
    """Whoever reads a finding knows whether its bound is literature or design."""
    audit = audit_score(calm_score(), Intent.LULLABY)
    assert audit.finding("roughness-mean").is_design_bound
    assert not audit.finding("range").is_design_bound
    assert audit.finding("range").status is Status.COMPUTED


def test_the_calm_score_passes() -> None:
    """A plain lullaby fails nothing and leaves little to look at."""
    audit = audit_score(calm_score(), Intent.LULLABY)
    assert not audit.failed
    assert len(audit.of(Verdict.WARN)) <= 3, [f.key for f in audit.of(Verdict.WARN)]


def test_the_calm_sound_passes() -> None:
    """Its sound fails nothing either."""
    audit = audit_audio([calm_sound()], SR)
    assert not audit.failed, [f.sentence for f in audit.of(Verdict.FAIL)]


def told_of_failures(audit: Audit) -> dict[str, str]:
    """What is said of everything that failed."""
    return {finding.key: finding.sentence for finding in audit.of(Verdict.FAIL)}


def test_a_march_fails_for_its_tempo_and_density() -> None:
    """A march is too fast, too busy and all leaps, and says so; its accents are noticed as well."""
    audit = audit_score(march_score(), Intent.RELAXATION)
    told = told_of_failures(audit)
    assert "stirs rather than calms" in told["tempo-fastest"]
    assert "too much happens at once" in told["onset-density"]
    assert "leaps more than a calm one" in told["steps"]
    assert "knocks instead of flowing" in audit.finding("accents").sentence
    assert audit.finding("accents").verdict is Verdict.WARN
    assert not {"scale", "roughness-max", "syncopation"} & set(told), (
        "a march has a key, consonance and a beat"
    )


def test_an_atonal_walk_fails_for_its_line_and_harmony() -> None:
    """A walk without key in wide leaps over semitones fails for just that, not for its calm tempo."""
    told = told_of_failures(audit_score(atonal_score(), Intent.RELAXATION))
    assert "no key" in told["scale"]
    assert "does not rest" in told["wide-leaps"]
    assert "it grates" in told["roughness-max"]
    assert "rub against each other" in told["semitones"]
    assert "nobody sings that" in told["range"]
    assert not {"tempo-fastest", "onset-density", "accents"} & set(told)


@pytest.mark.parametrize(
    ("sound", "words", "never"),
    [
        (
            cymbal_march(),
            {"sudden-rise": "a start for whoever rests", "bright-share": "glaring"},
            {"swell", "entry"},
        ),
        (sudden_tutti(), {"entry": "a shock after quiet"}, {"flux", "swell", "presence"}),
        (
            click_track(),
            {"flux": "made of strokes", "presence": "it cuts", "bright-share": "glaring"},
            {"swell", "entry", "sudden-rise"},
        ),
        (crescendo(), {"swell": "a crescendo excites"}, {"flux", "entry", "attack", "presence"}),
    ],
)
def test_contrary_sounds_fail_for_the_right_reason(
    sound: Sound, words: dict[str, str], never: set[str]
) -> None:
    """Cymbals, a tutti after silence, clicks and a crescendo each fail where they should, in words that name it, and
    not for what they do not do."""
    told = told_of_failures(audit_audio([sound], SR))
    for key, said in words.items():
        assert said in told[key]
    assert not never & set(told)


def test_a_sound_for_sleep_must_not_stop_hard() -> None:
    """What fades passes; the very same sound cut off fails, in words that say so, and a short fade is warned of."""
    rate, length_s = 8_000, 150
    steady = sine(220, length_s, rate=rate)
    left = length_s - np.arange(length_s * rate) / rate
    told = {}
    for fade_s in (80.0, 12.0, 0.05):
        gain = 0.5 - 0.5 * np.cos(np.pi * np.minimum(left / fade_s, 1))
        audit = audit_audio([(steady * gain[:, None]).astype(np.float32)], rate, Intent.SLEEP)
        told[fade_s] = [audit.finding(key) for key in ("fade-heard", "breaking-off")]
    assert [f.verdict for f in told[80.0]] == [Verdict.PASS, Verdict.PASS]
    assert [f.verdict for f in told[12.0]] == [Verdict.WARN, Verdict.PASS]
    assert [f.verdict for f in told[0.05]] == [Verdict.WARN, Verdict.FAIL]
    assert "longer is gentler" in told[12.0][0].sentence
    assert "stops hard" in told[0.05][1].sentence


def test_of_notes_alone_no_fade_is_told() -> None:
    """A MIDI file without sound says why its fade is not measured."""
    music = replace(music_of_score(calm_score()), fade_out_s=None, end_silence_s=None)
    found = {reading.key: reading for reading in written_readings(music, standard_for(Intent.SLEEP))}
    for key in ("final-fade", "closing-silence"):
        assert found[key].value is None
        assert "audit the sound" in found[key].why_not


def test_a_failure_tells_whose_limit_it_broke() -> None:
    """Most limits of failure are our own choices, and say so; that of drift comes from a measured threshold."""
    audit = audit_score(march_score(), Intent.RELAXATION)
    fast, drift, contour = (audit.finding(key) for key in ("tempo-fastest", "tempo-drift", "contour"))
    assert (fast.limit_source, fast.limit_status) == ("our own choice", Status.DESIGN)
    assert "Madison & Merker" in drift.limit_source
    assert drift.limit_status is Status.CHECKED
    assert contour.limit_source == ""


def test_what_rests_on_a_guess_never_fails() -> None:
    """A doubtful reading warns where a sure one fails."""
    sure, doubtful = (
        judge([Reading("phrase-length", 29.0, doubtful=doubt)], standard_for(Intent.RELAXATION))[0].verdict
        for doubt in (False, True)
    )
    assert (sure, doubtful) == (Verdict.FAIL, Verdict.WARN)


def test_a_preset_s_own_figure_is_called_so() -> None:
    """A bound the preset sets itself is not laid at the standard's door."""
    audit = audit_audio([calm_sound(15)], SR, load_preset("deep-sleep"))
    assert audit.finding("loudness").source.startswith("the preset's own figure")
    assert audit.finding("loudness").is_design_bound


def test_the_heart_is_never_last() -> None:
    """A heartbeat after the last tone fails."""
    tune = notes((60, 62, 64, 65, 67, 65, 64, 62, 60))
    heart = [Note(beat * 480, 60, 36, 60) for beat in range(16)]
    audit = audit_score(score((Role.MELODY, tune), (Role.HEARTBEAT, heart)), Intent.RELAXATION)
    assert audit.finding("heartbeat-last").verdict is Verdict.FAIL


def test_walking_has_its_own_bounds() -> None:
    """Five-percent steps pass for walking and fail for calm; a ritardando fails for walking."""
    from calmando.score.tempo_map import TempoChange

    walk = notes((60, 62, 64, 65, 67, 65, 64, 62) * 16)
    stairs = [TempoChange(0, 600_000), TempoChange(64 * 480, 572_000)]
    stepped = score((Role.MELODY, walk), tempo=stairs)
    assert audit_score(stepped, Intent.GAIT).finding("tempo-step").verdict is Verdict.PASS
    assert audit_score(stepped, Intent.RELAXATION).finding("tempo-step").verdict is Verdict.WARN
    slowing = [TempoChange(0, 600_000), TempoChange(120 * 480, 660_000)]
    assert "closing-slowdown" in failing(audit_score(score((Role.MELODY, walk), tempo=slowing), Intent.GAIT))


@pytest.mark.parametrize("bpm", [45, 92, 97, 103, 127, 130])
def test_walking_is_not_called_calm(bpm: float) -> None:
    """At any cadence within the bounds, the last one included, all passes, and nothing is said of calm or of breath."""
    recipe = make_recipe("gait-training", seed=1, minutes=4, overrides={"tempo.start_bpm": bpm})
    audit = audit_score(compose(recipe), recipe.adapted)
    assert {audit.finding(key).verdict for key in ("tempo-slowest", "tempo-fastest")} == {Verdict.PASS}
    assert f"{bpm} steps a minute" in audit.finding("tempo-fastest").sentence
    assert audit.finding("phrase-length").verdict is Verdict.NOT_MEASURED
    assert not [f.sentence for f in audit.findings if "calm" in f.sentence or "breath" in f.sentence]


def test_no_sentence_on_walking_speaks_of_calm() -> None:
    """Nor does any sentence that a bound of walking could bring."""
    for key, bound in standard_for(Intent.GAIT).bounds.items():
        measure = measures()[key].of_purpose(Intent.GAIT)
        if bound != Bound():
            assert "calm" not in " ".join((measure.good, measure.high, measure.low)), key


def test_plucked_attacks_are_judged_by_their_step() -> None:
    """Notes that come up at once pass where they hardly stand out, and say so."""
    finding = audit_audio([calm_sound()], SR).finding("attack")
    assert finding.verdict is Verdict.PASS


def test_exposure_needs_a_stated_level() -> None:
    """Without a measured level no exposure is told; with one, it is."""
    silent = audit_audio([calm_sound(15)], SR)
    assert silent.finding("exposure").verdict is Verdict.NOT_MEASURED
    told = audit_audio([calm_sound(15)], SR, playback=Playback(85, 20))
    assert told.finding("exposure").verdict is Verdict.FAIL
    assert told.finding("exposure").value == pytest.approx(158.1, abs=0.1)


@pytest.mark.parametrize(
    ("held_against", "level_dba", "verdict"),
    [
        ("nicu-lullaby", 45, Verdict.PASS),
        ("nicu-lullaby", 48, Verdict.WARN),
        ("nicu-lullaby", 75, Verdict.FAIL),
        ("infant-lullaby", 74, Verdict.FAIL),
        ("everyday-relaxation", 68, Verdict.WARN),
        ("gait-training", 68, Verdict.PASS),
        (Intent.NICU, 51, Verdict.FAIL),
        (Intent.RELAXATION, 61, Verdict.WARN),
    ],
)
def test_a_stated_level_is_held_against_what_is_allowed(
    held_against: str | Intent, level_dba: float, verdict: Verdict
) -> None:
    """Above the level of the preset, or the purpose, it is a warning; far above, a failure, however short it is heard."""
    standard = held_against if isinstance(held_against, Intent) else load_preset(held_against)
    audit = audit_audio([calm_sound(15)], SR, standard, playback=Playback(level_dba, 1))
    assert audit.finding("level").verdict is verdict


@pytest.mark.parametrize("name", ["nicu-lullaby", "infant-lullaby", "turn-taking-drum"])
def test_music_for_children_is_held_against_their_allowance(name: str) -> None:
    """75 dB(A) for 40 hours is all of a child's week, whether or not the user says that it is a child."""
    audit = audit_audio([calm_sound(15)], SR, load_preset(name), playback=Playback(75, 40))
    assert audit.finding("exposure").value == pytest.approx(100)
    assert any("for children" in notice for notice in audit.notices)
    grown = audit_audio([calm_sound(15)], SR, load_preset("deep-sleep"), playback=Playback(75, 40))
    assert grown.finding("exposure").value == pytest.approx(31.6, abs=0.1)


def test_newborns_are_given_an_hour_and_a_half_a_day() -> None:
    """Fourteen hours a week are two a day: a warning for newborns, and nothing for others."""
    playback = Playback(40, 14)
    told = audit_audio([calm_sound(15)], SR, Intent.NICU, playback=playback).finding("daily-hours")
    assert (told.value, told.verdict) == (2, Verdict.WARN)
    keys = {finding.key for finding in audit_audio([calm_sound(15)], SR, playback=playback).findings}
    assert "daily-hours" not in keys


@pytest.mark.parametrize(("level", "hours"), [(0, 5), (200, 5), (60, 0), (60, 200)])
def test_impossible_playback_is_refused(level: float, hours: float) -> None:
    """A level or a time that cannot be is refused in words."""
    with pytest.raises(InputError, match="not possible"):
        Playback(level, hours)


def test_nothing_to_audit_is_an_error() -> None:
    """Neither score nor sound is an error, not an empty pass."""
    with pytest.raises(InputError, match="nothing to audit"):
        audit_piece(None, None, Intent.SLEEP)


def test_silence_fails() -> None:
    """A silent file fails for being silent, and is judged in nothing else."""
    audit = audit_audio([silence(12)], SR)
    assert failing(audit) == {"silent"}
    assert "nothing to hear" in audit.finding("silent").sentence


def test_the_documentation_names_every_measure() -> None:
    """Key, title, formula, source and status of every measure stand in docs/audit.md as in the table."""
    text = (Path(__file__).parents[2] / "docs" / "audit.md").read_text(encoding="utf-8")
    for key, m in measures().items():
        row = f"| {m.row or '–'} | `{key}` | {m.title} | {m.unit or '–'} | {m.formula} | {m.source} | {m.status.value} |"
        assert row in text, key
