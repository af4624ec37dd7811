"""The mix becomes files: formats, tags, verification."""
