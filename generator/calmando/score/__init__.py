"""The written music: notes, parts, tempo map, sections; a tune; how they read as text."""
