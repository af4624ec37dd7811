"""Render a preset piece as MIDI and audio, and make the same piece again.

Run it in any folder:  python render_a_preset.py
"""

import calmando

recipe = calmando.recipe("bedtime-lullaby", seed=7, minutes=2)
score = calmando.compose(recipe)

calmando.write_midi(score, "lullaby.mid")
rendered = calmando.render(score, "lullaby.flac", progress=print)
print(f"{rendered.path}: {rendered.length_s:.0f} s at {rendered.loudness_lufs:.1f} LUFS")

# Every file carries its recipe: the MIDI file alone is enough to make the same notes and sound again.
calmando.replay("lullaby.mid", "lullaby-again.flac")
