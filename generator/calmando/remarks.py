"""Sentences that whoever makes a piece, or plays it to others, should hear: what of it is not as it was meant."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from calmando.compose.voices import Sustained, sounding_voice
from calmando.preset.model import Intent, Preset, TempoSettings
from calmando.preset.music_settings import SINGING
from calmando.preset.recipe import Recipe
from calmando.score.model import Role, Score
from calmando.score.pace import steepest_change
from calmando.score.silence import longest_silence
from calmando.theory.programs import program_name
from calmando.theory.scale import pitch_class
from calmando.told_time import about, clock
from calmando.units import Lufs, Seconds, Unit

if TYPE_CHECKING:
    from calmando.sound.engine import Engine
    from calmando.sound.loudness.loudness import Loudness, LoudnessMeter

_OTHER_FONT = (
    "Another SoundFont than Calmando's own: its instruments are balanced otherwise, and something may stand out or break "
    "off. 'calmando audit' on the file tells whether it does."
)
_LOUDNESS_TOLERANCE_LU = 0.5
"""What lies nearer to its loudness is as it is meant to be (EBU R 128)."""
_SHOCK_LU = 8.0
"""A rise of loudness that passes the step that is meant by more than this is told; turns and endings rise by less."""
_TEMPO_TOLERANCE_BPM = 2.0
_CADENCE_TOLERANCE_BPM = 0.1
_LED_BPM_PER_MINUTE = 3.0
_WAKING = (Intent.NAP, Intent.IMAGERY)
_WAKING_BPM_PER_MINUTE = 5.0
"""The way back to waking may be a little quicker."""
_MOST_SHORT: Unit = 0.25
"""So much of a tune may pass before its instrument has come up: passing notes, not the tune."""
_LONGEST_REST_S: Seconds = 15.0
"""No form rests for longer; a listener would think that it is over, or start when it goes on."""


def written_remarks(score: Score) -> Iterator[str]:
    """Sentences about the notes of a composed piece that whoever makes or plays it should hear.

    It is too short for the way of its tempo, or leads faster than people can be led; its tune lies elsewhere than it was
    meant to, or has notes too short for its instrument; it is silent for longer than a rest. Music of others knows what it
    does.
    """
    if score.recipe is None:
        return
    preset = score.recipe.adapted
    meant_bpm = preset.tempo.bpm_at(preset.stages[-1].way)
    last_bpm = score.metres[-1].metre.bpm(score.tempo_map.changes[-1].us_per_quarter)
    walks = preset.tempo.change == "stairs"
    if abs(last_bpm - meant_bpm) > (_CADENCE_TOLERANCE_BPM if walks else _TEMPO_TOLERANCE_BPM):
        yield (
            f"Its tempo comes to {round(last_bpm, 1):g} BPM, not to {round(meant_bpm, 1):g}: it changes "
            f"{_how_it_changes(preset.tempo)}, and {about(score.length_s)} have no room for more of that. A longer piece "
            "goes all the way."
        )
    yield from _led_too_fast(score, preset)
    yield from _register_moved(score, preset)
    yield from _hardly_heard(score)
    silence = longest_silence(score)
    if silence.length_s > _LONGEST_REST_S:
        yield (
            f"From {clock(silence.start_s)} on nothing sounds for {about(silence.length_s)}: no part plays there. Let "
            "an accompanying part stay (its optional = false, and a texture that holds, such as pad), turn ambience on, or "
            "raise the tune_share of the stages."
        )


def _led_too_fast(score: Score, preset: Preset) -> Iterator[str]:
    """Where the tempo changes by more in a minute than the audit's bound for the purpose, walking apart."""
    steepest = steepest_change(score)
    most_bpm = _WAKING_BPM_PER_MINUTE if preset.intent in _WAKING else _LED_BPM_PER_MINUTE
    if preset.intent is not Intent.GAIT and steepest.value > most_bpm:
        yield (
            f"Its tempo changes by {steepest.value:.1f} BPM a minute from {clock(steepest.at_s)} on. 2–3 BPM a minute is the "
            "design bound for leading someone [D]; matching first and then leading has weak evidence of its own "
            "[C: Starcke et al. 2021]. A longer piece leads more gently."
        )


def _register_moved(score: Score, preset: Preset) -> Iterator[str]:
    """Where the tune does not lie where it is meant to, because its key note would not lie well there."""
    key = score.keys[0].key
    named = next((name for name in preset.pitch.ill_lying if pitch_class(name) == key.tonic), None)
    if named is not None and preset.form.kind in SINGING:
        lies = preset.pitch.register_named(named, key.mode.name)
        yield (
            f"The tune is meant to lie between {preset.pitch.tune_low} and {preset.pitch.tune_high} (pitch.tune_low, "
            f"pitch.tune_high); in {named} it lies between {lies}. By design a tune has its key note near its low end [D]."
        )


def _hardly_heard(score: Score) -> Iterator[str]:
    """Where much of a tune is let go before its instrument has come up."""
    at = score.tempo_map.seconds_at
    for part in score.parts:
        voice = sounding_voice(part.strip.bank, part.strip.program)
        if part.strip.role is not Role.MELODY or not isinstance(voice, Sustained):
            continue
        lengths_s = [at(note.end_ticks) - at(note.onset_ticks) for note in part.notes]
        n_short = sum(length_s < voice.rise_s for length_s in lengths_s)
        if n_short > _MOST_SHORT * len(lengths_s):
            name = program_name(part.strip.program, part.strip.bank)
            yield (
                f"The tune's {name} comes up slowly: {100 * n_short / len(lengths_s):.0f} % of its notes are shorter than "
                f"the {voice.rise_s:.1f} s that it takes, and hardly heard. Give the tune to an instrument that speaks at "
                "once, such as flute, or lower melody.notes_per_second."
            )


def _how_it_changes(tempo: TempoSettings) -> str:
    """What holds a change of tempo back, in words."""
    if tempo.change == "stairs":
        return f"between sections only, by {tempo.largest_step_percent:g} % at most"
    if tempo.most_bpm_per_minute is not None:
        return f"in steps that nobody notices, by {tempo.most_bpm_per_minute:g} BPM a minute at most"
    return "in steps that nobody notices"


def sound_remarks(
    engine: Engine, meter: LoudnessMeter, loudness: Loudness, target_lufs: Lufs, recipe: Recipe | None
) -> Iterator[str]:
    """Sentences about sound that is not as the piece was meant; ``loudness`` is what its meter read.

    Foreign music is meant for no font, but has a loudness to reach.
    """
    if recipe is not None:
        if _is_other_font(engine):
            yield _OTHER_FONT
        meant, rise = recipe.adapted.sound.largest_step_lu, _largest_rise(engine, meter)
        if rise > meant + _SHOCK_LU:
            yield (
                f"Its loudness rises by {rise:.0f} LU within three seconds, where {meant:g} are meant: listen to it "
                "before somebody else does."
            )
    missed = loudness.integrated_lufs - target_lufs
    if not math.isfinite(missed):
        yield (
            f"It is too soft to be heard: no loudness can be measured, where {target_lufs:g} LUFS are meant. "
            "Give its notes more velocity, or its channels more volume."
        )
    elif abs(missed) > _LOUDNESS_TOLERANCE_LU:
        yield (
            f"It is {abs(missed):.1f} LU {'louder' if missed > 0 else 'softer'} than the {target_lufs:g} LUFS "
            "it is meant to be."
        )


def _largest_rise(engine: Engine, meter: LoudnessMeter) -> float:
    """The largest rise of loudness from three seconds to the next, between the fades (LU)."""
    from calmando.sound.loudness.loudness import HOPS_A_SECOND, largest_steps

    fades = engine.performance.fades
    ends_s = engine.total_frames / engine.sample_rate - fades.fade_out_s - fades.end_silence_s
    between = slice(round(fades.fade_in_s * HOPS_A_SECOND), max(round((ends_s - 3.0) * HOPS_A_SECOND), 0))
    return largest_steps(meter.short_term_lufs()[between])[1]


def _is_other_font(engine: Engine) -> bool:
    """Whether another font than the one that composing reckons with plays first."""
    from calmando.sound.fluidsynth.soundfonts import BUILT_IN_NAME

    return engine.fonts[0].name != BUILT_IN_NAME
