"""The version of Calmando and of its composer."""

__version__ = "0.1.0"
