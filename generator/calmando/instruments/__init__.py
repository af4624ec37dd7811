"""The maker of the built-in SoundFont: one module a voice, and a writer of SF2 files."""
