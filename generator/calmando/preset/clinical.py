"""Values of a preset outside a cited range: allowed, but said, with the source."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from calmando.preset.model import Intent, Preset
from calmando.preset.music_settings import SINGING
from calmando.preset.travel import MOST_RAISED, waypoints
from calmando.told_time import told_minutes

_SLEEPY = (Intent.SLEEP, Intent.NAP)
_SAMENESS = (Intent.ANXIETY, Intent.TRAUMA, Intent.FOCUS, Intent.GAIT)
_NEWBORNS_MINUTES_A_DAY = 90
_NEWBORNS_LEVEL_DBA = 45
_MOVING = (Intent.GAIT, Intent.TURN_TAKING)


def warnings(preset: Preset) -> tuple[str, ...]:
    """Sentences for values outside a cited range.

    Each names the key, its value, the range with its unit, the source and the source's status. Unsafe values are
    refused when the preset is read; these are allowed.
    """
    return tuple(text for rule in _RULES for text in rule(preset))


def lifted(preset: Preset, adapted: Preset) -> tuple[str, ...]:
    """Sentences for what guards people in a preset and is changed for one piece.

    Parameters
    ----------
    preset
        As it was chosen.
    adapted
        With the changes of the piece.
    """
    return tuple(text for rule in _GUARDS for text in rule(preset, adapted))


def _another_intent(preset: Preset, adapted: Preset) -> Iterator[str]:
    if adapted.intent is not preset.intent:
        yield (
            f"intent is '{adapted.intent.value}' for this piece, not '{preset.intent.value}' as in {preset.name}: what is told "
            f"and measured of it is held against the limits for '{adapted.intent.value}'."
        )


def _what_was_refused(preset: Preset, adapted: Preset) -> Iterator[str]:
    for name in ("heartbeat", "ambience"):
        refused = getattr(preset, name).refused
        if refused and getattr(adapted, name).on:
            yield f"{name}.on is true for this piece, but {preset.name} refuses it: {refused}"


def _louder_limit(preset: Preset, adapted: Preset) -> Iterator[str]:
    most, allowed = preset.limits.level_dba, adapted.limits.level_dba
    if most is not None and (allowed is None or allowed > most):
        instead = "empty" if allowed is None else f"{allowed:g} dB(A)"
        yield f"limits.level_dba is {instead} for this piece; {preset.name} allows {most:g} dB(A) at the most."


def _calm_tempo(preset: Preset) -> Iterator[str]:
    if preset.intent in _MOVING:
        return
    for point in waypoints(preset):
        if not 48 <= point.bpm <= 90:
            yield (
                f"{point.said}. Calm music is usually given as 48–90 BPM "
                "(convention for relaxing music [M]; lullabies 66–105 [C*: Mehr et al. 2019])."
            )
    if preset.intent in _SLEEPY and preset.tempo.end_bpm > 66:
        yield (
            f"tempo.end_bpm is {preset.tempo.end_bpm:g} BPM. Music for sleep is led to 50–60 BPM by design [D]; "
            "medium tempo has worked too [C: Dickson & Schubert 2020]."
        )


def _gait_steps(preset: Preset) -> Iterator[str]:
    tempo, most_bpm = preset.tempo, preset.tempo.start_bpm * MOST_RAISED
    if preset.intent is Intent.GAIT and tempo.end_bpm > most_bpm + 1e-6:
        yield (
            f"tempo.end_bpm is {tempo.end_bpm:g} BPM, {100 * (tempo.end_bpm / tempo.start_bpm - 1):.0f} % above the "
            "start. Walking to music has been raised by 5 % a week [C: Wright et al. 2017]; +10 % is the most to try at "
            "a time [C: Arias & Cudeiro 2010]"
            + (f", so that this piece rises to {most_bpm:.4g} BPM." if tempo.change == "stairs" else ".")
        )


def _phrase_seconds(preset: Preset) -> Iterator[str]:
    if preset.intent is Intent.GAIT:
        return
    shortest = 4.5 if preset.intent in (Intent.TURN_TAKING, Intent.LULLABY, Intent.ANXIETY) else 6.5
    beats = preset.tempo.phrase_bars * preset.metre.beats
    for bpm in sorted({point.bpm for point in waypoints(preset)}):
        seconds = beats * 60 / bpm
        if not shortest <= seconds <= 16:
            yield (
                f"A phrase of {preset.tempo.phrase_bars} bars lasts {seconds:.1f} s at {bpm:.3g} BPM. Phrases of about "
                "10 s (8–12) couple to the rhythm of blood pressure [C: Bernardi et al. 2009]."
            )


def _breath_rate(preset: Preset) -> Iterator[str]:
    if not preset.breath.on:
        return
    beats = preset.tempo.phrase_bars * preset.metre.beats
    # It begins where the person breathes now; what is led to is what counts.
    for point in waypoints(preset)[1:]:
        rate = point.bpm / beats
        if not 4.5 <= rate <= 7.05:
            yield (
                f"{point.said}, which paces {rate:.1f} breaths a minute. The useful range is 4.5–7, most often about 6 "
                "[C: Lehrer & Gevirtz 2014; Shaffer & Meehan 2020]."
            )


def _resonance(preset: Preset) -> Iterator[str]:
    value = preset.melody.resonance
    if preset.intent is Intent.NICU and value > 0:
        yield f"melody.resonance is {value:g}. For newborns in intensive care it is 0 by design [D]."
    if preset.intent in _SAMENESS and value > 0.2:
        yield (
            f"melody.resonance is {value:g}. Where calm comes from sameness it is at most .2 by design [D]; people in "
            "an uncertain state want more predictability [C: Gold et al. 2019]."
        )


def _tune_forms(preset: Preset) -> Iterator[str]:
    if preset.form.kind not in SINGING:
        return
    bars, phrase_bars = preset.melody.bars, preset.tempo.phrase_bars
    forms = [choice.form for choice in preset.melody.forms]
    unfit = [form for form in forms if len(form.split()) * phrase_bars != bars]
    if unfit:
        instead = "the usual forms are sung" if len(unfit) == len(forms) else "the others are sung"
        yield (
            f"melody.forms: {', '.join(unfit)} {'does' if len(unfit) == 1 else 'do'} not fit a tune of {bars} bars, whose "
            f"phrases have {phrase_bars} [D]; {instead}. A form has a letter for every phrase."
        )


def _tune(preset: Preset) -> Iterator[str]:
    melody = preset.melody
    if preset.intent is Intent.NICU:
        if melody.widest_range_semitones > 9:
            yield (
                f"melody.widest_range_semitones is {melody.widest_range_semitones}. For newborns at most 9 "
                "(median of lullabies [C*: Mehr et al. 2019])."
            )
        if melody.largest_leap_semitones > 5:
            yield (
                f"melody.largest_leap_semitones is {melody.largest_leap_semitones}. For newborns no leap beyond a "
                "fourth, 5 semitones [D]."
            )
    density = melody.notes_per_second
    if density is not None and preset.intent not in _MOVING and density > 2.5:
        yield (
            f"melody.notes_per_second is {density:g}. Calm tunes have .4–2.5 notes a second; lullabies 2.1 "
            "[C*: Mehr et al. 2019]."
        )


def _sound(preset: Preset) -> Iterator[str]:
    sound = preset.sound
    limit = -20 if preset.intent in _MOVING else -23
    if sound.loudness_lufs > limit + 2:
        yield (
            f"sound.loudness_lufs is {sound.loudness_lufs:g} LUFS. All calm presets share {limit} LUFS (±2), so that a "
            "change of preset never startles (EBU R 128 reference [M])."
        )
    widest = 5 if preset.intent in (*_SLEEPY, Intent.PALLIATIVE) else 7
    if sound.loudness_range_lu > widest and preset.intent not in _MOVING:
        yield (
            f"sound.loudness_range_lu is {sound.loudness_range_lu:g} LU; at most {widest} by design [D]. Crescendos "
            "raise blood pressure, even emphasis lowers it [C: Bernardi et al. 2009]."
        )
    if sound.largest_step_lu > 3 and preset.intent not in _MOVING:
        yield (
            f"sound.largest_step_lu is {sound.largest_step_lu:g} LU between 3-second windows; at most 3 by design [D] "
            "(quick rises startle [C; author and year M: Blumenthal 1988])."
        )


def _fades(preset: Preset) -> Iterator[str]:
    sound = preset.sound
    if preset.intent in _MOVING:
        return
    if sound.fade_in_s < 2:
        yield (
            f"sound.fade_in_s is {sound.fade_in_s:g} s. Calm music comes in over 2–4 s by design [D]: out of silence, "
            "how loud and how quickly a sound begins decides whether it startles [C; author and year M: Blumenthal 1988]."
        )
    if preset.intent is Intent.SLEEP and sound.fade_out_s < 60:
        yield (
            f"sound.fade_out_s is {sound.fade_out_s:g} s. Music for sleep fades over 60–120 s by design [D], so that "
            "nobody wakes because it ends."
        )
    elif sound.fade_out_s < 5:
        yield (
            f"sound.fade_out_s is {sound.fade_out_s:g} s. Calm music fades over 5 s or more by design [D]; without a fade "
            "it may break off."
        )


def _heartbeat(preset: Preset) -> Iterator[str]:
    if preset.heartbeat.on and preset.heartbeat.level_db > -6:
        yield (
            f"heartbeat.level_db is {preset.heartbeat.level_db:g} dB. The heartbeat is a texture well under the tune, "
            "−6 dB or less [D]; whether it soothes is open [C: Loewy et al. 2013 for live rhythms only]."
        )


def _newborns(preset: Preset) -> Iterator[str]:
    if preset.intent is not Intent.NICU:
        return
    if not preset.clinician_led:
        yield (
            "clinician_led is false. Newborns in intensive care are given music by a trained clinician only: what is "
            "recorded may be too much for them [C: Loewy et al. 2013]."
        )
    if len({point.bpm for point in waypoints(preset)}) > 1:
        yield (
            f"tempo.start_bpm is {preset.tempo.start_bpm:g} BPM, and the tempo changes. Newborns in intensive care are given "
            "a constant rhythm [C: Standley 2002]."
        )
    level_dba = preset.limits.level_dba
    if level_dba is not None and level_dba > _NEWBORNS_LEVEL_DBA:
        yield (
            f"limits.level_dba is {level_dba:g} dB(A). Around newborns in intensive care at most {_NEWBORNS_LEVEL_DBA} over an "
            "hour is asked for [C: American Academy of Pediatrics]."
        )
    if preset.minutes > _NEWBORNS_MINUTES_A_DAY:
        yield (
            f"It lasts {told_minutes(preset.minutes)}. Newborns in intensive care are given at most 1.5 hours of music a "
            "day, half an hour on and half an hour off [C: Standley 2002]."
        )


_GUARDS: tuple[Callable[[Preset, Preset], Iterator[str]], ...] = (
    _another_intent,
    _what_was_refused,
    _louder_limit,
)
_RULES: tuple[Callable[[Preset], Iterator[str]], ...] = (
    _calm_tempo,
    _gait_steps,
    _phrase_seconds,
    _breath_rate,
    _resonance,
    _tune_forms,
    _tune,
    _sound,
    _fades,
    _heartbeat,
    _newborns,
)
