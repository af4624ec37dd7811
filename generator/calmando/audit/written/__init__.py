"""Measures of what is written: pure functions of notes, tempo and phrases."""
