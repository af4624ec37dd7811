"""The note bank: each distinct note is played once, and few notes stand for many."""
