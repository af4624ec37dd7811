"""Arrange a familiar tune in place of a composed one: here "Twinkle, twinkle, little star", as a lullaby for Zoë.

For another tune change what is written below. A piece with a given tune carries no recipe: keep this file to make it again.
Run it in any folder:  python arrange_a_familiar_tune.py
"""

import calmando

BEAT = 480  # ticks; a note lasts one beat, or as many as stand after the colon
KEY = calmando.Key(0, calmando.MODES["major"])  # C is 0, C sharp 1, … B 11
METRE = calmando.METRES["4/4"]
PHRASES = (  # a letter for each, its notes, and a chord for every half bar
    ("A", "C4 C4 G4 G4 A4 A4 G4:2 F4 F4 E4 E4 D4 D4 C4:2", "I I IV I IV I V I"),
    ("B", "G4 G4 F4 F4 E4 E4 D4:2 G4 G4 F4 F4 E4 E4 D4:2", "I IV I V I IV I V"),
    ("A", "C4 C4 G4 G4 A4 A4 G4:2 F4 F4 E4 E4 D4 D4 C4:2", "I I IV I IV I V I"),
)

notes, chords, phrases, onset = [], [], [], 0
for letter, melody, harmony in PHRASES:
    begin = onset
    for word in melody.split():
        name, _, beats = word.partition(":")
        notes.append(calmando.TuneNote(onset, int(beats or 1) * BEAT, calmando.pitch(name)))
        onset += int(beats or 1) * BEAT
    for index, numeral in enumerate(harmony.split()):
        chords.append(calmando.TuneChord(begin + index * METRE.bar_ticks // 2, METRE.bar_ticks // 2, numeral))
    phrases.append(calmando.TunePhrase(letter, begin // METRE.bar_ticks, onset // METRE.bar_ticks))

tune = calmando.Tune(KEY, METRE, tuple(notes), tuple(chords), tuple(phrases))
recipe = calmando.recipe("bedtime-lullaby", seed=7, minutes=3, overrides={"title": "Twinkle for Zoë"})
score = calmando.compose(recipe, tune=tune)
for remark in calmando.render(score, "twinkle-for-zoe.flac").remarks:
    print(remark)
print("twinkle-for-zoe.flac is ready")
