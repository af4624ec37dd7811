"""Notes and parts become the mix: where they sound, how loud, and in which room."""
