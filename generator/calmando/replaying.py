"""The same piece again, from any file it once wrote."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from calmando.errors import AudioFileError, CalmandoError, MidiFileError, RecordError, SoundFontError, typed
from calmando.midi.open import MIDI_NAMES, holds_midi, is_midi_file
from calmando.midi.read import read_midi_file, read_midi_record
from calmando.preset.overrides import Setting
from calmando.preset.recipe import Recipe, changed_recipe, make_recipe
from calmando.preset.record import Record, SoundMade, begins_like_record, parse_record
from calmando.rendering import SoundOptions
from calmando.resources import is_file, not_a_file
from calmando.score.model import Score
from calmando.source import RECIPE_SUFFIX, recipe_file_text
from calmando.theory.programs import ProgramPlace
from calmando.units import Seconds
from calmando.version import RENDERER_VERSION

_LENGTH_TOLERANCE_S: Seconds = 0.2
"""Some formats put a little silence at the ends."""


@dataclass(frozen=True, slots=True)
class Replay:
    """A record, how to render it the same way, and what will differ all the same."""

    record: Record
    options: SoundOptions
    notices: tuple[str, ...]

    def options_for(self, path: Path) -> SoundOptions:
        """The recorded options, without those that a file of this name does not have."""
        from calmando.sound.files.audio_format import kept_settings

        bit_depth, quality = kept_settings(path, self.options.bit_depth, self.options.quality)
        return replace(self.options, bit_depth=bit_depth, quality=quality)


def read_record(path: str | Path) -> Record:
    """The record inside a MIDI, audio or recipe file, known by its content.

    Raises
    ------
    RecordError
        Where the file carries none, a damaged one, or one of another release.
    MidiFileError, AudioFileError
        Where the file cannot be read.
    """
    file = Path(path)
    if file.suffix.lower() == ".toml":
        raise RecordError(
            f"{file.name} is a preset: a piece of it has still to be made.",
            fix=f"Make one with: calmando render {typed(file)}",
        )
    text = record_text(file)
    if not begins_like_record(text):
        raise RecordError(
            f"{file.name} carries no record where Calmando writes it.",
            "It was not written by Calmando, or another program left out its tags or put them elsewhere.",
            fix="Choose the file as Calmando wrote it; a MIDI file can be rendered with 'calmando render'.",
        )
    return parse_record(text, file.name)


def _of_other_notes(file: Path) -> tuple[str, ...]:
    """What to say of a MIDI file whose notes somebody changed: its record knows nothing of that."""
    from calmando.audit.remake import remade

    if not is_midi_file(file):
        return ()
    try:
        contents = read_midi_file(file)
    except MidiFileError:  # the record alone makes the piece
        return ()
    again = remade(contents.record, file.name, notes_of=contents.score)
    if again.score is not None:
        return ()
    return (
        f"The notes in {file.name} were changed after Calmando wrote it; made is the piece as it was. "
        f"The file's own notes sound with: calmando render {typed(file.name)}",
    )


def recipe_behind(
    source: str, *, seed: int | None = None, overrides: Mapping[str, Setting] | None = None
) -> tuple[Recipe, Recipe | None]:
    """The recipe that a preset gives, or that a file was made from, with changes; and the file's own, if it is a file.

    Parameters
    ----------
    source
        A preset's name, a preset file, or any file Calmando wrote.
    seed, overrides
        Changes to it.

    Raises
    ------
    PresetError, UnknownPresetError
        Where there is no such preset or file, or a change is invalid.
    RecordError, MidiFileError, AudioFileError
        See `read_record`.
    """
    file = Path(source)
    is_preset = file.suffix.lower() == ".toml" or (not file.suffix and not carries_record(file))
    if is_preset or not is_file(file):
        return make_recipe(source, seed=seed, overrides=overrides), None
    recipe = read_record(file).recipe
    return changed_recipe(recipe, seed=seed, overrides=overrides), recipe


def replaced_instruments(path: Path, score: Score) -> dict[str, ProgramPlace]:
    """By part: what plays in a sound file where its SoundFont lacks the instrument; none where the font is not here."""
    from calmando.sound.substitutes import substitutes

    with suppress(CalmandoError):
        sound = read_record(path).sound
        if sound is not None:
            return substitutes(score, _recorded_fonts(sound))
    return {}


def carries_record(path: Path) -> bool:
    """Whether a file was written by Calmando, as far as can be told; never raises."""
    try:
        return begins_like_record(record_text(path))
    except Exception:
        return False


def is_as_written(path: Path) -> bool:
    """Whether music that carries a record is still what Calmando wrote, as far as can be told; never raises.

    Notes are compared with those that the record makes, and a sound's length with the piece's. More would take a rendering:
    the record was written before the sound, and holds no digest of it.
    """
    try:
        recipe = read_record(path).recipe
        if path.suffix.lower() == RECIPE_SUFFIX:
            return True
        if is_midi_file(path):
            return not _of_other_notes(path)
        from calmando.sound.files.read_file import opened_sound

        with opened_sound(path) as sound:
            length_s: Seconds = sound.frames / sound.samplerate
        return abs(length_s - recipe.length_s) <= _LENGTH_TOLERANCE_S
    except RecordError:  # of another release: who knows
        return True
    except Exception:
        return False


def prepare_replay(path: str | Path, *, soundfonts: tuple[str | Path, ...] = ()) -> Replay:
    """Find everything that makes the piece of a file again.

    Parameters
    ----------
    path
        Any file Calmando wrote.
    soundfonts
        Fonts to use instead of the recorded ones.

    Raises
    ------
    RecordError
        See `read_record`.
    SoundFontError
        Where a recorded SoundFont is not on this machine.
    """
    record = read_record(path)
    sound = record.sound
    if sound is None:
        return Replay(record, SoundOptions(soundfonts=soundfonts), _of_other_notes(Path(path)))
    from calmando.sound.files.audio_format import BitDepth
    from calmando.sound.fluidsynth.library import report

    notices: list[str] = []
    fonts = soundfonts or _recorded_fonts(sound)
    if soundfonts:
        notices.append("Another SoundFont than the recorded one: the sound will differ, the notes will not.")
    if sound.renderer != RENDERER_VERSION:
        notices.append(
            f"The file was rendered by renderer {sound.renderer}; this is {RENDERER_VERSION}: tiny differences."
        )
    here = report().version
    if here is not None and here != sound.fluidsynth:
        notices.append(
            f"The file was rendered by FluidSynth {sound.fluidsynth}; this is {here}: tiny differences."
        )
    options = SoundOptions(
        soundfonts=fonts,
        sample_rate=sound.sample_rate,
        bit_depth=BitDepth(sound.bit_depth) if sound.bit_depth else None,
        quality=sound.quality,
        gain_db=None if soundfonts else sound.gain_db,
    )
    return Replay(record, options, tuple(notices))


def record_text(file: Path) -> str:
    """The record inside a file as JSON text, unread; empty where there is none.

    Raises
    ------
    RecordError, MidiFileError, AudioFileError
        Where the file cannot be read.
    """
    from calmando.sound.files.tags import read_tags

    if file.suffix.lower() == RECIPE_SUFFIX:
        return recipe_file_text(file)
    if file.suffix.lower() in MIDI_NAMES or _starts_like_midi(file):
        return read_midi_record(file)
    return read_tags(file).record


def _starts_like_midi(file: Path) -> bool:
    if wrong := not_a_file(file):
        raise AudioFileError(f"{file} {wrong}.", fix="Give the name of a file that Calmando wrote.")
    try:
        return holds_midi(file)
    except FileNotFoundError:
        raise AudioFileError(f"There is no file {file}.", fix="Check the name and the folder.") from None
    except OSError as error:
        raise AudioFileError(
            f"{file} cannot be read.",
            f"The system says: {error.strerror}.",
            "Give the name of a file that Calmando wrote.",
        ) from None


def _recorded_fonts(sound: SoundMade) -> tuple[Path, ...]:
    from calmando.sound.fluidsynth.hashes import font_used
    from calmando.sound.fluidsynth.soundfonts import found_fonts

    found = found_fonts().fonts
    chosen: list[Path] = []
    for used in sound.fonts:
        by_name = sorted(found, key=lambda font: font.path.name != used.name)
        match = next((font.path for font in by_name if font_used(font.path).sha256 == used.sha256), None)
        if match is None:
            raise SoundFontError(
                f"The SoundFont {used.name} that this piece was rendered with is not here.",
                f"Its SHA-256 begins with {used.sha256[:12]}.",
                "Put it into your SoundFont folder ('calmando soundfonts' shows where), "
                "or choose another with --soundfont: the notes stay the same, the sound will differ.",
            )
        chosen.append(match)
    return tuple(chosen)
