"""The door to FluidSynth: the library, its SoundFonts, and channels set as parts ask."""
