"""The rules for lessons: one family per file."""
