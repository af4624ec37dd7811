"""The workshop: turns material into the strokes of each part, and keeps what repeats."""

from __future__ import annotations

from typing import TypeAlias

from calmando.compose.expression import arched, lightened
from calmando.compose.harmony import ChordSpan, Joint, joins_badly, joint_after, voice_material
from calmando.compose.material import Kind, Material
from calmando.compose.textures.broken import PATTERN_OF_METRE, PATTERNS, fits
from calmando.compose.textures.contract import Stroke, TexturePhrase
from calmando.compose.textures.held import final_chord
from calmando.compose.textures.registry import TEXTURES
from calmando.compose.voices import is_ringing
from calmando.preset.model import PartSettings
from calmando.theory.voicing import Register
from calmando.units import Bpm

_KEPT = 512


_Slot: TypeAlias = tuple[str, Joint | None, Kind, str, bool, bool]
"""A material by its name and kind, the joint before it, the part; whether it is thin, and whether another has the bass."""


class Workshop:
    """Strokes of materials for parts, each worked out once."""

    def __init__(self, register: Register, *, n_voices: int = 3, free: bool = False) -> None:
        self._register = register
        self._n_voices = n_voices
        self._free = free
        self._chords: dict[tuple[str, Joint | None], tuple[ChordSpan, ...]] = {}
        self._joined: dict[tuple[str, Kind, Joint | None], tuple[Joint | None, Joint]] = {}
        self._strokes: dict[_Slot, tuple[Stroke, ...]] = {}

    def chords(self, material: Material, joint: Joint | None = None) -> tuple[ChordSpan, ...]:
        """The voiced chords of a phrase, after a joint that it heeds."""
        found = self._chords.get((material.name, joint))
        if found is None:
            if len(self._chords) >= _KEPT:
                self._chords.clear()
            found = voice_material(material, self._register, n_voices=self._n_voices, joint=joint)
            self._chords[material.name, joint] = found
        return found

    def joined(self, material: Material, joint: Joint | None) -> tuple[Joint | None, Joint]:
        """The joint before a phrase if the phrase has to begin otherwise for it, and the joint after it."""
        place = (material.name, material.kind, joint)
        found = self._joined.get(place)
        if found is None:
            if len(self._joined) >= _KEPT:
                self._joined.clear()
            heeded = joint
            if joint is None or not joins_badly(joint, material, self.chords(material)):
                heeded = None
            found = heeded, joint_after(material, self.chords(material, heeded))
            self._joined[place] = found
        return found

    def strokes(
        self,
        material: Material,
        part: PartSettings,
        tempo_bpm: Bpm,
        *,
        thin: bool,
        has_bass: bool,
        joint: Joint | None = None,
    ) -> tuple[Stroke, ...]:
        """What a part plays in a phrase, after a joint that it heeds."""
        thin = thin or part.thin or not fits(part.texture, tempo_bpm, material.metre.beat_ticks)
        slot: _Slot = material.name, joint, material.kind, part.name, thin, has_bass
        found = self._strokes.get(slot)
        if found is None:
            if len(self._strokes) >= _KEPT:
                self._strokes.clear()
            found = self._play(material, part, thin=thin, has_bass=has_bass, joint=joint)
            self._strokes[slot] = found
        return found

    def _play(
        self, material: Material, part: PartSettings, *, thin: bool, has_bass: bool, joint: Joint | None
    ) -> tuple[Stroke, ...]:
        name: str = part.texture
        if name in PATTERNS and PATTERNS[name].metre != material.metre.name:
            # A given tune, or a phrase in a metre of its own, has the pattern of its metre.
            name = PATTERN_OF_METRE[material.metre.name]
        texture = TEXTURES[name]
        if material.kind is Kind.FINAL and part.texture in PATTERNS:
            texture = final_chord
        phrase = TexturePhrase(
            material=material,
            chords=self.chords(material, joint),
            thin=thin,
            has_bass=has_bass,
            octave=part.octave,
            free=self._free,
        )
        strokes = arched(texture(phrase), material.ticks)
        return lightened(strokes) if is_ringing(part.program) else strokes
