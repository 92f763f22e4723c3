"""The path of a manifest's lesson."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath

FIX = "Give the path of a .md file in the manifest's folder or below it, such as week-1.md."


def why_refused(path: str) -> str:
    """Returns what is wrong with the path of a lesson; empty where nothing is."""
    posix, windows = PurePosixPath(path), PureWindowsPath(path)
    if "://" in path:
        return "is an address"
    if posix.is_absolute() or windows.drive or windows.root or path.startswith("~"):
        return "is absolute"
    if ".." in windows.parts:
        return "leaves the manifest's folder"
    if "\\" in path:
        return "has a backslash; folders are separated by /"
    if posix.suffix.lower() != ".md":
        return "does not end in .md"
    return ""


def lesson_beside(file: str) -> str:
    """Returns the lesson of a manifest that names none: the file of its name with ``.md``."""
    return f"{PurePosixPath(file).stem}.md"
