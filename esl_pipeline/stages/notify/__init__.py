"""Telling people when something could not be published: what is told to whom, and that it is told once."""
