"""What a piece measurably is: features of its score and sound, held against bounds with their sources."""
