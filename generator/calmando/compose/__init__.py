"""The composer: from a recipe to passages of music, by named rules. Pure: no file, clock, log or device."""
