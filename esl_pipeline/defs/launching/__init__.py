"""How runs get a process, and how one knows that it lives."""
