"""Phrase models: chords together with the melody's downbeat anchors, for every mode.

A model has four units. Degrees are those of the mode's seven-note scale: 8 is the tonic an octave up, 0 the seventh
below the tonic, −1 the sixth, −2 the fifth below. ``I/V`` changes chord in the middle of its unit.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache, lru_cache
from typing import NamedTuple


class PhraseKind(StrEnum):
    """What a phrase does: opens (ends on 2, 3 or 5), lifts to the peak, closes on 1."""

    OPEN = "open"
    LIFT = "lift"
    CLOSE = "close"


class Schema(NamedTuple):
    """A phrase model: one numeral (or two, halved) and one anchor degree a unit."""

    kind: PhraseKind
    chords: tuple[str, ...]
    anchors: tuple[int, ...]
    weight: float = 1.0

    @property
    def text(self) -> str:
        """Chords and anchors, as printed in an explanation."""
        return f"{' '.join(self.chords)} over {' '.join(_degree_name(a) for a in self.anchors)}"

    @property
    def top(self) -> int:
        """Its highest anchor."""
        return max(self.anchors)


def _degree_name(degree: int) -> str:
    octave, step = divmod(degree - 1, 7)
    return f"{step + 1}{',' * -octave}{chr(39) * octave}"


def _read(kind: PhraseKind, text: str) -> tuple[Schema, ...]:
    """Read models written ``I IV I V 5 6 5 2; …``."""
    schemas = []
    for entry in text.split(";"):
        words = entry.split()
        chords, anchors = words[:4], words[4:]
        schemas.append(Schema(kind, tuple(chords), tuple(int(anchor) for anchor in anchors)))
    return tuple(schemas)


def _models(open_: str, lift: str, close: str) -> tuple[Schema, ...]:
    return _read(PhraseKind.OPEN, open_) + _read(PhraseKind.LIFT, lift) + _read(PhraseKind.CLOSE, close)


_SCHEMAS: dict[str, tuple[Schema, ...]] = {
    "major": _models(
        "I IV I V 5 6 5 2; I I IV V 3 5 4 2; I V I V 3 2 3 5; I vi IV V 5 6 4 5; I I V V 1 3 5 2; I V vi V 5 5 3 2;"
        "I V V I 3 2 4 3; I IV V I 3 4 2 3; I I V I 5 3 4 3; I I I V 1 3 1 5; I IV I V 1 4 3 2; I V I V 1 2 3 5;"
        "I IV I V 5 4 3 2; I ii V I 5 4 2 1; I I V I 5 3 2 1; I IV I I 5 4 3 1; I IV I V 5 4 3 5; I I ii V 5 3 4 2;"
        "I vi ii V 1 -1 4 2; I V I V 1 0 3 2; I IV I V 1 -1 1 -2; I I IV V -2 1 4 2; I I I V -2 1 3 5; I IV I I 5 6 5 3; I I V I 1 3 2 1; I IV V I 5 6 2 1",
        "IV I IV V 6 5 6 5; I IV I V 5 8 5 2; V I IV V 5 8 6 5; I IV ii V 3 6 4 5; V I IV I 2 5 6 3; IV I IV I 4 5 4 3; I IV I V 3 4 5 2; V I IV I 2 3 4 3; vi ii I I 1 4 5 3; vi IV I V 8 6 5 2; vi iii IV V 8 7 6 5; V I ii V 5 5 6 5; IV I ii V 8 5 4 2;"
        "V I V I 7 8 5 3; IV I V I 8 5 4 3; IV IV I V 6 8 5 5",
        "I IV I/V I 5 6 3 1; I I I/V I 5 3 3 1; I ii V I 3 4 2 1; I V I/V I 3 2 3 1; vi IV V I 3 4 2 1; IV I V I 6 5 2 1;"
        "I IV V I 3 4 0 1; I vi V I 3 1 0 1; IV I V I 4 3 0 1; I ii V I 1 -1 0 1; I IV I/V I 1 4 5 1; I V V I 5 2 4 1",
    ),
    "minor": _models(
        "i iv i v 5 4 3 2; i VII i v 1 2 3 5; i III VII v 3 5 4 2; i i iv v 1 3 4 5; i iv VII III 3 4 2 3;"
        "i v i v 3 2 3 5; i VI III VII 5 6 5 4; i VII i v 1 0 3 2; i iv i v 1 4 3 2; i i v i 1 3 2 1; i VI VII v 1 -1 0 -2; i i iv v -2 1 4 2; i i i v -2 1 3 5;"
        "i iv i v 5 8 5 2; i v i i 5 5 4 3; i iv v i 5 4 2 1",
        "III III VII v 5 7 4 2; III VII i v 7 7 5 2; iv III VII v 8 7 4 5; III iv i v 7 6 5 5; VI III iv i 8 7 6 5;"
        "VI VII III v 6 7 5 2; i iv III v 5 8 5 2; v III VI v 5 7 6 5; i VI iv v 3 6 4 5; iv i iv i 4 5 4 3; III iv i v 3 4 5 2; VII i iv III 2 3 4 3",
        "i VII v i 3 4 2 1; III VII v i 5 4 2 1; i iv i/v i 5 4 3 1; i VI VII i 3 3 2 1; i iv VII i 3 4 2 1;"
        "i iv VII i 3 4 0 1; i VI VII i 3 1 0 1; iv i v i 4 3 2 1; i VII VII i 1 0 0 1; III i v i 5 3 2 1",
    ),
    "dorian": _models(
        "i VII i VII 5 4 3 2; i IV i VII 5 6 5 4; i i IV v 3 5 6 5; i VII III IV 3 4 5 4; i IV i v 3 4 3 5;"
        "i VII i v 1 2 3 5; i IV i VII 1 -1 1 2; i VII i v 1 0 3 2; i IV i v 1 4 3 5; i v VII i 1 2 2 1; i IV VII v 1 -1 0 -2; i i IV VII -2 1 4 2; i i i v -2 1 3 5;"
        "i IV i i 5 6 5 3",
        "III IV i VII 7 6 5 4; IV III IV v 8 7 6 5; III VII IV i 7 7 6 5; IV i VII v 8 8 4 5; III IV i v 7 8 5 5; i IV III v 5 8 7 5;"
        "v IV i VII 5 6 5 4; i III IV v 3 7 6 5; IV i IV i 4 5 4 3; III IV i v 3 4 5 2; VII i IV III 2 3 4 3",
        "i VII VII i 5 4 2 1; i IV VII i 5 4 2 1; i VII v i 3 4 2 1; i IV i/VII i 5 4 3 1; III IV VII i 5 4 2 1;"
        "i IV VII i 3 4 0 1; i IV VII i 1 -1 0 1; IV i v i 6 5 2 1; IV VII VII i 4 2 0 1",
    ),
    "mixolydian": _models(
        "I bVII IV I 5 4 4 3; I v I bVII 5 5 3 2; I IV I bVII 3 4 3 2; I I bVII IV 1 3 4 4; I bVII I v 3 2 3 5;"
        "I IV v I 5 6 5 3; I bVII I v 1 0 1 2; I IV I v 1 4 3 2; I bVII IV I 1 2 1 1; I IV bVII v 1 -1 0 -2; I I IV bVII -2 1 4 2; I v IV I 5 5 6 5;"
        "I bVII I v 5 4 3 2; I v bVII I 5 5 2 1; I IV I bVII 5 6 5 4",
        "bVII IV bVII IV 7 6 4 6; IV I bVII IV 6 5 4 6; IV bVII I v 8 7 5 5; bVII I IV v 7 8 6 5; IV I v I 8 5 5 3; I bVII IV v 5 7 6 5;"
        "I IV I v 5 8 5 2; v bVII IV I 5 7 6 5; IV I bVII I 4 5 4 3; I IV I v 3 4 5 2; bVII I IV I 2 3 4 3",
        "I IV bVII I 3 4 2 1; I v bVII I 3 2 2 1; IV I bVII I 6 5 2 1; I IV I/bVII I 5 4 3 1;"
        "I IV bVII I 3 4 0 1; I bVII v I 1 0 2 1; IV bVII bVII I 6 4 0 1",
    ),
    "lydian": _models(
        "I/1 II/1 I/1 II/1 5 4 5 6; I I II vi 3 5 6 3; I II/1 I I 3 4 3 5; I vi II/1 I 5 6 4 3; I iii II I 1 3 4 5; I II/1 iii I 1 2 3 5;"
        "I vi I II 1 -1 1 2; I iii II/1 I 1 0 2 3; I II/1 vi I 5 6 1 1; I I II/1 vi 5 3 4 3; I II vi iii 3 4 6 5; I II/1 II/1 I 1 2 4 5",
        "vi II iii II 6 4 5 6; iii vi II I 7 6 4 5; vi iii II I 8 7 6 5; vi I II iii 8 5 6 5; iii II vi I 7 6 8 5; I vi II I 5 8 6 5; I II vi II 5 6 8 6; II I II vi 4 5 4 3; I II I II 3 4 5 2",
        "vi II/1 II/1 I/1 3 2 2 1; I II vi I 5 6 3 1; iii vi II/1 I 5 3 2 1; I I II/1 I 5 3 2 1;"
        "I vi iii I 3 1 0 1; vi II/1 iii I 3 2 0 1; vi I II/1 I 6 5 4 1",
    ),
    "major-pentatonic": _models(
        "I I vi V5 5 5 6 2; I vi I V5 3 1 3 5; I I I V5 1 3 5 2; I vi I I 5 6 5 3; I V5 I V5 3 2 3 5; I vi I V5 1 -1 1 2; I I vi I 1 3 -1 1; I vi I V5 1 -1 1 -2;"
        "I I V5 I 5 3 2 1; I vi V5 I 5 6 5 3",
        "vi vi I V5 6 8 5 2; vi I vi V5 8 5 6 5; I vi I V5 8 6 5 5; vi V5 vi I 6 5 6 3; I vi I V5 5 8 5 2; V5 I vi V5 5 8 6 5; I vi V5 I 3 6 5 3; vi I vi V5 3 5 3 2; V5 I vi V5 2 5 3 2",
        "I vi V5 I 3 -1 2 1; I I V5 I 5 3 2 1; vi I V5 I 6 5 2 1; I vi V5 I 3 3 2 1; I V5 vi I 3 2 -1 1; I vi vi I 1 1 -1 1; vi V5 vi I 3 2 -1 1",
    ),
    "minor-pentatonic": _models(
        "i i VII5 v 5 3 4 5; i III i VII5 1 3 1 0; i VII5 i v 3 4 3 5; i III VII5 III 5 5 4 3; i i v v 1 3 5 5; i VII5 i v 1 0 1 0; i i VII5 v 1 3 0 -2; i III VII5 i 5 3 0 1; i VII5 i III 1 0 1 3;"
        "i III VII5 i 3 4 0 1; i III VII5 III 1 3 4 3; i v i i 1 -2 1 3; i VII5 III i 5 4 3 1; i v III v 1 -2 3 -2",
        "III III VII5 v 7 5 4 5; VII5 III i v 7 7 5 5; i III VII5 v 8 7 4 5; i VII5 III v 8 7 5 5; i III i v 5 7 5 5; v III VII5 III 5 7 4 3; III i VII5 v 3 5 4 5; VII5 i III v 4 5 3 5;"
        "III VII5 v III 3 4 5 3; VII5 III i v 4 5 3 -2; III i VII5 i 3 5 4 1",
        "i VII5 v i 3 4 0 1; i III VII5 i 5 3 4 1; III i VII5 i 5 3 0 1; i III VII5 i 3 5 4 1; i VII5 VII5 i 1 0 0 1; III VII5 v i 3 4 0 1",
    ),
}

DRONE_CHORDS = ("i5", "I5")
"""The open fifth on the tonic that stays under a drone's tune, in modes with a minor and with a major third."""
_DRONE = {
    PhraseKind.OPEN: (
        (1, 3, 5, 5),
        (5, 4, 3, 2),
        (1, 2, 4, 5),
        (5, 5, 4, 3),
        (1, 3, 2, 5),
        (1, 0, 3, 2),
        (1, 0, -2, 1),
    ),
    PhraseKind.LIFT: ((5, 6, 7, 5), (8, 7, 6, 5), (5, 8, 7, 5)),
    PhraseKind.CLOSE: ((5, 4, 2, 1), (3, 2, 0, 1), (5, 3, 2, 1), (1, 0, 2, 1)),
}
_CHANT = {
    PhraseKind.OPEN: ((5, 5, 4, 5), (3, 5, 5, 4), (1, 3, 5, 5), (5, 6, 5, 4), (3, 5, 6, 5)),
    PhraseKind.LIFT: ((5, 6, 5, 4), (5, 6, 5, 5)),
    PhraseKind.CLOSE: ((5, 4, 2, 1), (5, 5, 4, 1), (5, 4, 3, 1)),
}


@cache
def schemas_of(
    mode_name: str, kind: PhraseKind, *, drone: bool = False, chant: bool = False
) -> tuple[Schema, ...]:
    """The models of a mode and kind; over a drone one chord, the open fifth, stays throughout."""
    if drone or chant:
        tonic = DRONE_CHORDS[mode_name not in ("minor", "dorian", "minor-pentatonic")]
        lines = (_CHANT if chant else _DRONE)[kind]
        return tuple(Schema(kind, (tonic,) * 4, anchors) for anchors in lines)
    return tuple(schema for schema in _SCHEMAS[mode_name] if schema.kind is kind)


@lru_cache(maxsize=2048)
def fit_to_units(schema: Schema, n_units: int) -> Schema:
    """The model with 2, 3, 4 or 5 units: middles are left out, or the last chord but one is held on.

    Two units keep the beginning (closing: the dominant) and the end; three leave out the second unit of a close, the
    third of another; five repeat the third unit before the end.
    """
    closing = schema.kind is PhraseKind.CLOSE
    picks = {
        2: (2, 3) if closing else (0, 3),
        3: (0, 2, 3) if closing else (0, 1, 3),
        4: (0, 1, 2, 3),
        5: (0, 1, 1, 2, 3) if closing else (0, 1, 2, 2, 3),
    }[n_units]
    return Schema(
        schema.kind,
        tuple(schema.chords[pick] for pick in picks),
        tuple(schema.anchors[pick] for pick in picks),
        schema.weight,
    )


def unit_numerals(text: str) -> tuple[str, ...]:
    """The chords of a unit: ``I/V`` are two, ``II/1`` is one over a pedal."""
    left, slash, right = text.partition("/")
    return (left, right) if slash and not right.isdigit() else (text,)
