"""Composes a piece again from the record its file carries, to audit it with all that its composer knew."""

from __future__ import annotations

from dataclasses import dataclass

from calmando.compose.piece import compose_piece
from calmando.errors import CalmandoError
from calmando.preset.model import Preset
from calmando.preset.record import parse_record
from calmando.score.model import Score, assemble


@dataclass(frozen=True, slots=True)
class Remade:
    """What a record gave: the preset as adapted, the score; None and a sentence where it could not."""

    preset: Preset | None = None
    score: Score | None = None
    notices: tuple[str, ...] = ()


def remade(record: str, place: str, *, notes_of: Score | None = None) -> Remade:
    """Compose again what a record describes.

    Parameters
    ----------
    record
        The record as text; empty: a foreign file.
    place
        The file's name, for the sentences.
    notes_of
        The notes found in the file, where it has notes: where they differ, somebody changed the piece, and the
        file's own notes count.
    """
    if not record.startswith("{"):
        return Remade()
    try:
        recipe = parse_record(record, place).recipe
        preset = recipe.adapted
        piece = compose_piece(preset, seed=recipe.seed, length_s=recipe.length_s)
        score = assemble(piece.title, piece.passages())
    except CalmandoError as error:
        return Remade(notices=(f"The record inside could not be used: {error.what}",))
    if notes_of is not None and _onsets(score) != _onsets(notes_of):
        changed = "The notes in the file differ from those its record makes; the file's own notes were used."
        return Remade(preset=preset, notices=(changed,))
    return Remade(preset, score)


def _onsets(score: Score) -> list[tuple[int, int]]:
    return sorted((note.onset_ticks, note.pitch) for _, note in score.notes())
