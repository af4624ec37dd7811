"""From a performance to sound: the only door to FluidSynth, the note bank, the mix, the files."""
