"""Measures of what sounds: taken while blocks of sound pass by, in flat memory."""
