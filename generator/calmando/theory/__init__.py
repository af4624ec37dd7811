"""Facts of music: pitch, scale, chord, metre, consonance. No randomness, no state."""
