"""Versions of the documents."""

from __future__ import annotations

from esl_pipeline.lessons.problems import Position, Problem
from esl_pipeline.manifests.check_fields import said
from esl_pipeline.manifests.places import Located, entry_of
from esl_pipeline.manifests.rules import Rule, broken

FIELD = "schema_version"
VERSION = 2
"""Of manifests and tenant files. Version 1 was the record that the predecessor wrote beside each lesson."""

FIX = f"Write {FIELD}: {VERSION}."


def version_problem(document: Located, file: str) -> Problem | None:
    """Returns what is wrong with a document's version, None where it can be understood."""
    if "schemaVersion" in document:
        message = "This is the record of a published page that the earlier program wrote, not a manifest."
        at = document.entries["schemaVersion"].key
        return broken(Rule.VERSION, file, at, message, "Give the lesson's own .md file, or a manifest that names it.")
    if FIELD not in document:
        return broken(Rule.VERSION, file, Position(), f"{FIELD} is missing.", FIX)
    version, at = document[FIELD], entry_of(document, FIELD).value
    if isinstance(version, int) and not isinstance(version, bool) and version > VERSION:
        message = f"The file is of version {said(version)}; this program knows {VERSION}."
        return broken(Rule.VERSION, file, at, message, "Update the program.")
    if version not in (VERSION, str(VERSION)) or isinstance(version, float):
        return broken(Rule.VERSION, file, at, f"{FIELD} is {said(version)}, which is no version.", FIX)
    return None
