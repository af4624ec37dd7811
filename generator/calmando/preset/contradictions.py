"""What in a preset contradicts itself or is unsafe: each a rule that yields a text of what, why and how to fix."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from calmando.preset.heart_rate import BEATS_PER_HEARTBEAT, beats_per_heartbeat
from calmando.preset.travel import FASTEST_BPM, SLOWEST_BPM, Waypoint, slowest_and_fastest, waypoints
from calmando.theory.metre import METRES
from calmando.theory.tune_register import LOWEST_TUNE

if TYPE_CHECKING:
    from calmando.preset.model import Preset
    from calmando.preset.music_settings import PartSettings

_FEARFUL = ("anxiety", "trauma", "pain", "palliative", "breath", "imagery")
_TEXTURE_METRES = {
    "rock68": ("6/8",),
    "rock34": ("3/4",),
    "rock24": ("2/4",),
    "flow44": ("4/4",),
    "flow34": ("3/4",),
    "pick44": ("4/4",),
    "march": ("2/4", "4/4"),
}
_DRUM_TEXTURES = ("pulse", "click")
_HIGHEST_TUNE = 88
_RELEASE_METRES = ("4/4", "2/4")
_SHORTEST_PHRASE_S = 3.0
_LONGEST_PHRASE_S = 20.0


def contradictions(preset: Preset) -> list[str]:
    """Every contradiction, as texts that name keys, values, limits with their unit, and the way out."""
    return [text for rule in _RULES for text in rule(preset)]


def _tempi(preset: Preset) -> Iterator[Waypoint]:
    """Where the tempo goes, as far as that is a tempo; what is none, 0 BPM perhaps, is told by itself."""
    return (point for point in waypoints(preset) if SLOWEST_BPM <= point.bpm <= FASTEST_BPM)


def _phrase_length(preset: Preset) -> Iterator[str]:
    tempo = preset.tempo
    for point in _tempi(preset):
        seconds = tempo.phrase_bars * METRES[tempo.metre].beats * 60 / point.bpm
        if not _SHORTEST_PHRASE_S <= seconds <= _LONGEST_PHRASE_S:
            yield (
                f"tempo.phrase_bars is {tempo.phrase_bars} and {point.said}: in {tempo.metre} a phrase lasts "
                f"{seconds:.1f} s there. A phrase is a breath, {_SHORTEST_PHRASE_S:g} to {_LONGEST_PHRASE_S:g} s at the "
                "very most. Choose other phrase_bars or another tempo."
            )


def _tempo_way(preset: Preset) -> Iterator[str]:
    tempo = preset.tempo
    for stage in preset.stages:
        bpm = tempo.bpm_at(stage.way)
        if not SLOWEST_BPM <= bpm <= FASTEST_BPM:
            yield (
                f"stages.{stage.name}.way is {stage.way:g}, which leads to {bpm:.0f} BPM. Tempo stays within "
                f"{SLOWEST_BPM} to {FASTEST_BPM} BPM. Choose a way nearer to 0 … 1."
            )
    if tempo.change == "stairs" and preset.form.kind != "sections":
        yield (
            "tempo.change is 'stairs': audible tempo steps belong to walking (form.kind = 'sections') only. "
            "Choose 'smooth'."
        )
    if tempo.change == "smooth" and tempo.largest_step_percent > 1.5:
        yield (
            f"tempo.largest_step_percent is {tempo.largest_step_percent:g} %; steps above 1.5 % may be noticed "
            "(2 % is [C]). Choose 1.5 or less."
        )


def _stages(preset: Preset) -> Iterator[str]:
    total = math.fsum(stage.share for stage in preset.stages)
    if abs(total - 1.0) > 0.005:
        yield (
            f"stages: the shares add up to {total:.3g}; they are parts of the whole piece. Make them add up to 1."
        )
    if all(stage.longest_s is not None for stage in preset.stages):
        yield (
            "stages: every stage has a longest_s, so none can fill a long piece. Leave longest_s out of one stage."
        )
    names = [stage.name for stage in preset.stages]
    if len(set(names)) != len(names):
        yield f"stages: two stages have the same name ({', '.join(names)}). Give each a name of its own."


def _awakening(preset: Preset) -> Iterator[str]:
    if not preset.form.ends_awake or preset.form.kind == "tense-release" or _last_stage_rises(preset):
        return
    yield (
        f"form.ends_awake is true, but nothing rises in the last stage, '{preset.stages[-1].name}': its tempo, activity, "
        "brightness and loudness are no higher than before it. Let its way lead to a quicker tempo, or raise its "
        "activity, brightness or loudness_db above those of the stage before; or set form.ends_awake = false."
    )


def _last_stage_rises(preset: Preset) -> bool:
    """Whether anything that wakes is more at the end of the last stage than at its beginning."""
    last, tempo = preset.stages[-1], preset.tempo
    before = preset.stages[-2] if len(preset.stages) > 1 else last
    way_before = before.way if before is not last else 0.0
    return (
        (last.way - way_before) * (tempo.end_bpm - tempo.start_bpm) > 0
        or last.activity > before.activity
        or last.brightness > before.brightness
        or last.loudness_db > before.loudness_db
    )


def _register(preset: Preset) -> Iterator[str]:
    span = preset.pitch.high_pitch - preset.pitch.low_pitch
    if span < 9:
        yield (
            f"pitch.tune_low to pitch.tune_high is {span} semitones; a tune needs at least 9 to turn in. "
            "Lower tune_low or raise tune_high."
        )
    octave = next((part.octave for part in preset.parts if part.role == "melody"), 0)
    low, high = preset.pitch.low_pitch + 12 * octave, preset.pitch.high_pitch + 12 * octave
    if not (low >= LOWEST_TUNE and high <= _HIGHEST_TUNE):
        moved = f", parts.melody.octave = {octave}" if octave else ""
        yield (
            f"pitch.tune_low = {preset.pitch.tune_low}, pitch.tune_high = {preset.pitch.tune_high}{moved}: the tune must lie "
            f"between A2 and E6, where it neither rumbles nor pierces. Choose notes within{', or another octave' if moved else ''}."
        )


def _parts(preset: Preset) -> Iterator[str]:
    names = [part.name for part in preset.parts]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"parts: two parts are called '{name}'. Give each a name of its own."
    leads = [part for part in preset.parts if part.role == "melody"]
    if len(leads) != 1 or leads[0].name != "melody":
        yield (
            f"parts: {len(leads)} parts have the role 'melody'; exactly one has the tune, and it is called 'melody'. "
            "Give one part role = 'melody' and name = 'melody'."
        )
    for part in preset.parts:
        fitting = _TEXTURE_METRES.get(part.texture)
        if fitting and preset.tempo.metre not in fitting:
            yield (
                f"parts.{part.name}.texture is '{part.texture}', which is made for {' or '.join(fitting)}; "
                f"tempo.metre is {preset.tempo.metre}. Choose another texture, such as 'pad', or another metre."
            )
        yield from _played(part)
    if sum(part.role == "pulse" for part in preset.parts) > 1:
        yield "parts: two parts have the role 'pulse'; all drums share one channel. Keep one."


def _played(part: PartSettings) -> Iterator[str]:
    """The tune is sung by its part; tones on a drum would be other drums, strokes on an instrument tones of no key."""
    if part.role == "melody" and part.texture != "tune":
        yield (
            f"parts.{part.name}.texture is '{part.texture}', but the part's role is 'melody': it has the tune. Choose "
            "'tune', or give the texture to another part."
        )
    if part.role == "pulse" and part.texture not in _DRUM_TEXTURES:
        yield (
            f"parts.{part.name}.texture is '{part.texture}', but the part's role is 'pulse', whose keys are drums: each tone "
            f"would be another drum. Choose 'pulse' or 'click', or another role."
        )
    if part.role not in ("pulse", "melody") and part.texture in _DRUM_TEXTURES:
        yield (
            f"parts.{part.name}.texture is '{part.texture}', strokes of a drum, but the part's role is '{part.role}': they "
            "would be tones that belong to no key. Choose another texture, such as 'pad', or role = 'pulse'."
        )


def _heartbeat(preset: Preset) -> Iterator[str]:
    heart = preset.heartbeat
    if not heart.on:
        return
    if heart.refused:
        yield (
            "heartbeat.on is true, but heartbeat.refused is set: this preset refuses a heartbeat: "
            f"{heart.refused} Set heartbeat.on = false."
        )
    elif preset.intent.value in _FEARFUL:
        yield (
            f"heartbeat.on is true, but intent is '{preset.intent.value}': the sound of a heart can frighten there, or "
            "compete with the pacing of breath. Set heartbeat.on = false."
        )
    if any(part.role == "pulse" for part in preset.parts):
        yield (
            "heartbeat.on is true and a part has the role 'pulse': two pulses on one channel blur each other. "
            "Keep one of them."
        )
    if heart.lowest_rate > heart.highest_rate:
        yield (
            f"heartbeat.lowest_rate is {heart.lowest_rate:g} and highest_rate {heart.highest_rate:g} a minute. "
            "Make the lowest the lower one."
        )
    if beats_per_heartbeat(preset) is None:
        yield _heart_out_of_bounds(preset)


def _heart_out_of_bounds(preset: Preset) -> str:
    heart, (slowest, fastest) = preset.heartbeat, slowest_and_fastest(preset)
    tempi = f" and {slowest.said}" if slowest == fastest else f", {slowest.said} and {fastest.said}"
    on_each, on_second = (_span(slowest.bpm / beats, fastest.bpm / beats) for beats in BEATS_PER_HEARTBEAT)
    return (
        f"heartbeat.on is true{tempi}: tied to every beat the heart would beat {on_each} times a minute, to every second "
        f"one {on_second}, and a calm one stays within {heart.lowest_rate:g} to {heart.highest_rate:g} all the way. "
        "Choose tempi that keep it there, or heartbeat.on = false."
    )


def _span(low: float, high: float) -> str:
    """A range as written: one number where both are alike."""
    return f"{low:.3g}" if low == high else f"{low:.3g} to {high:.3g}"


def _breath(preset: Preset) -> Iterator[str]:
    breath = preset.breath
    if preset.form.kind == "breath" and not breath.on:
        yield "form.kind is 'breath', but breath.on is false. Set breath.on = true, or another form.kind."
    if not breath.on:
        return
    if preset.form.kind != "breath" and all(part.role != "breath" for part in preset.parts):
        yield (
            f"breath.on is true, but nothing here breathes: form.kind is '{preset.form.kind}', and no part has the role "
            "'breath'. Set form.kind = 'breath', give an accompanying part role = 'breath', or set breath.on = false."
        )
    if breath.exhale_bars < breath.inhale_bars:
        yield (
            f"breath.exhale_bars is {breath.exhale_bars} and inhale_bars {breath.inhale_bars}: the exhale is the "
            "longer one (that is what relaxes [C]). Make exhale_bars at least inhale_bars."
        )
    if breath.inhale_bars + breath.exhale_bars != preset.tempo.phrase_bars:
        yield (
            f"breath.inhale_bars + exhale_bars is {breath.inhale_bars + breath.exhale_bars}, tempo.phrase_bars "
            f"{preset.tempo.phrase_bars}: a phrase is one breath. Make them equal."
        )
    beats = METRES[preset.tempo.metre].beats
    for point in _tempi(preset):
        rate = point.bpm / (beats * preset.tempo.phrase_bars)
        if not 4.45 <= rate <= 15:
            yield (
                f"{point.said}, which paces {rate:.1f} breaths a minute; 4.5 to 15 are allowed "
                "(slower asks for effort; the useful range is 4.5 to 7 [C]). Choose another tempo."
            )


def _release(preset: Preset) -> Iterator[str]:
    if preset.form.kind == "tense-release" and preset.tempo.metre not in _RELEASE_METRES:
        yield (
            f"form.kind is 'tense-release' and tempo.metre is {preset.tempo.metre}: letting go is written in quarters of a "
            f"bar, which would lie across its beats. Choose {' or '.join(_RELEASE_METRES)}, or another form.kind."
        )


def _ambience(preset: Preset) -> Iterator[str]:
    if preset.ambience.on and preset.ambience.refused:
        yield (
            "ambience.on is true, but ambience.refused is set: this preset refuses ambience: "
            f"{preset.ambience.refused} Set ambience.on = false."
        )


def _sound(preset: Preset) -> Iterator[str]:
    sound = preset.sound
    whole = 60 * preset.minutes
    taken = sound.fade_in_s + sound.fade_out_s + sound.end_silence_s
    if taken > 0.6 * whole:
        yield (
            f"sound: fade-in, fade-out and closing silence take {taken:g} s of {whole:g} s (minutes = "
            f"{preset.minutes:g}). They may take 60 % of the piece at most. Shorten the fades or lengthen the piece."
        )
    if preset.form.kind == "sections" and sound.fade_out_s > 0:
        yield (
            f"sound.fade_out_s is {sound.fade_out_s:g} s, but someone may still be walking: the cue must not fade. "
            "Set fade_out_s = 0."
        )


def _level(preset: Preset) -> Iterator[str]:
    limits = preset.limits
    if limits.level_dba is not None and not re.search(
        rf"(?<![\d.]){limits.level_dba:g} dB(A|\(A\))", limits.level
    ):
        yield (
            f'limits.level_dba is {limits.level_dba:g}, but limits.level does not say so: "{limits.level}" Who reads the '
            f'one must find the other. Write "{limits.level_dba:g} dBA" into limits.level, or change limits.level_dba.'
        )


_RULES: tuple[Callable[[Preset], Iterator[str]], ...] = (
    _phrase_length,
    _tempo_way,
    _stages,
    _awakening,
    _register,
    _parts,
    _heartbeat,
    _breath,
    _release,
    _ambience,
    _sound,
    _level,
)
