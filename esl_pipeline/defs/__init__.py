"""Defs."""
