"""Calmando composes calm, therapeutic music by readable rules and renders it."""
