"""Textures: one contract for all."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calmando.compose.harmony import voice_material
from calmando.compose.material import Material, phrase_of
from calmando.compose.textures.broken import PATTERNS, fits
from calmando.compose.textures.contract import Stroke, TexturePhrase
from calmando.compose.textures.registry import TEXTURES
from calmando.compose.tune import compose_tune
from calmando.compose.tune_brief import TuneBrief
from calmando.rng import Stream
from calmando.theory.metre import METRES
from calmando.theory.scale import MODES, Key
from calmando.theory.voicing import CLEARANCE, Register

_LINKED = ("tune", "unison", "echo", "bells", "cue", "sixths", "pulse", "click")


def material_in(metre: str, seed: int) -> Material:
    """A phrase of a composed tune."""
    bars = 3 if metre == "4/4" else 4
    brief = TuneBrief(key=Key(5, MODES["major"]), metre=METRES[metre], n_bars=4 * bars, phrase_bars=bars)
    return phrase_of(compose_tune(brief, stream=Stream(seed, "t")), seed % 4, f"m{seed}")


def played(texture: str, material: Material, *, thin: bool, free: bool = False) -> tuple[Stroke, ...]:
    """What a texture makes of a phrase."""
    chords = voice_material(material, Register())
    return TEXTURES[texture](TexturePhrase(material=material, chords=chords, thin=thin, free=free))


@pytest.mark.parametrize("name", sorted(TEXTURES))
@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 200), metre=st.sampled_from(sorted(METRES)))
def test_every_texture_keeps_the_contract(name: str, seed: int, metre: str) -> None:
    """Strokes are in order and in the phrase, keys do not overlap, thin is not denser, accompaniment is clear of the tune."""
    if name in PATTERNS and PATTERNS[name].metre != metre:
        metre = PATTERNS[name].metre
    material = material_in(metre, seed)
    full, thin = (played(name, material, thin=flag) for flag in (False, True))
    assert len(thin) <= len(full)
    assert sum(s.duration_ticks for s in thin) <= sum(s.duration_ticks for s in full)
    for strokes in (full, thin):
        assert list(strokes) == sorted(strokes, key=lambda s: (s.onset_ticks, s.pitch))
        for pitch in {s.pitch for s in strokes}:
            line = [s for s in strokes if s.pitch == pitch]
            assert all(a.end_ticks <= b.onset_ticks for a, b in pairwise(line))
        for stroke in strokes:
            assert stroke.duration_ticks > 0 and stroke.end_ticks <= material.ticks
            assert stroke.onset_ticks >= 0 or name in ("tune", "unison")
            if name not in _LINKED:
                # What merely overlaps by legato is not counted.
                over = [
                    n.pitch
                    for n in material.tune
                    if n.onset_ticks < stroke.end_ticks - 60 and n.end_ticks > stroke.onset_ticks
                ]
                assert all(stroke.pitch <= pitch - CLEARANCE for pitch in over)


@pytest.mark.parametrize("name", sorted(PATTERNS))
def test_patterns_begin_with_the_bass_and_strike_it_on_a_new_chord(name: str) -> None:
    """A broken chord begins on its bass; where the chord changes inside the bar the new bass is struck."""
    material = material_in(PATTERNS[name].metre, 3)
    strokes = played(name, material, thin=False)
    for span in voice_material(material, Register()):
        if span.onset_ticks % material.metre.bar_ticks == 0:
            here = [s.pitch for s in strokes if s.onset_ticks == span.onset_ticks]
            assert span.voicing.bass in here


def test_full_patterns_are_thinned_where_they_would_be_busy() -> None:
    """A full rocking 6/8 fits up to a dotted quarter of 48, eighths in four up to 72: no five seconds hold thirteen."""
    assert fits("rock68", 48, METRES["6/8"].beat_ticks) and not fits("rock68", 49, METRES["6/8"].beat_ticks)
    assert fits("flow44", 72, METRES["4/4"].beat_ticks) and not fits("flow44", 73, METRES["4/4"].beat_ticks)


@pytest.mark.parametrize("name", ["tune", "unison", "tambura", "march", "click", *sorted(PATTERNS)])
def test_where_no_metre_is_to_be_felt_no_stroke_weighs_more_for_its_place(name: str) -> None:
    """A free piece has the strokes of a metred one, each as heavy as the next."""
    material = material_in(PATTERNS[name].metre if name in PATTERNS else "4/4", 5)
    metred, free = (played(name, material, thin=False, free=flag) for flag in (False, True))
    places = [(stroke.onset_ticks, stroke.duration_ticks, stroke.pitch) for stroke in metred]
    assert places == [(stroke.onset_ticks, stroke.duration_ticks, stroke.pitch) for stroke in free]
    assert len({stroke.weight for stroke in metred}) > 1
    assert {stroke.weight for stroke in free} == {0}


def test_there_are_fifteen_textures_and_more() -> None:
    """All textures of the style are there."""
    wanted = {
        "rock68",
        "rock34",
        "rock24",
        "flow44",
        "pick44",
        "pad",
        "drone5",
        "tambura",
        "chorale",
        "bells",
    }
    assert wanted | {"bassbar", "sixths", "echo", "march", "solo"} <= set(TEXTURES)
