"""Standard MIDI files: General MIDI programs, writing, reading."""
