"""Adapt a preset to one person: their tempo, a favourite instrument, no heartbeat, three versions to choose from.

Run it in any folder:  python adapt_to_a_client.py
"""

import calmando

wishes = {
    "tempo.start_bpm": 60,  # near the person's own pace now
    "tempo.end_bpm": 52,
    "parts.melody.program": "ocarina",  # instead of the flute
    "heartbeat.on": False,
    "melody.resonance": 0.3,
}

# Choosing is part of what helps, so offer three.
for seed in (11, 12, 13):
    recipe = calmando.recipe("bedtime-lullaby", seed=seed, minutes=2, overrides=wishes)
    calmando.render(recipe, f"for-anna-{seed}.ogg")
    print(f"for-anna-{seed}.ogg is ready")

# A wish that cannot be met is refused with what, why and how to mend it.
try:
    calmando.recipe("bedtime-lullaby", overrides={"tempo.end_bpm": 10})
except calmando.PresetError as error:
    print(error)
