"""Textures: how an instrument plays a phrase's chords or tune, each with a full and a thin form."""
