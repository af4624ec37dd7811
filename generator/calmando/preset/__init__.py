"""Presets and recipes: the text border, where what people wrote becomes checked data."""
