"""What asks for an assignment: a manifest and its lesson, from a file, an inbox or memory."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from esl_pipeline.lessons import Problem, Severity
from esl_pipeline.manifests import AskingError as AskingError
from esl_pipeline.manifests import ManifestReading, read_manifest
from esl_pipeline.stores.protocols import ArtifactStore

SNAPSHOT = ".manifest.json"
"""Suffix of the stored copy of a manifest with its lesson."""

MANIFEST_SUFFIXES = (".yaml", ".yml", ".json", ".md")
MAX_FILE_BYTES = 1_000_000


def unreadable(file: str, why: str, fix: str) -> Problem:
    """Returns the problem of a file that could not be read at all."""
    return Problem("M-FILE", Severity.ERROR, 1, 1, why, fix, file)


@dataclass(frozen=True)
class ManifestText:
    """A manifest before it is understood.

    Attributes:
        file: its name, whose suffix tells the form (``.json``, ``.yaml``, ``.md`` for a lesson alone).
        lesson_of: returns the text of the lesson at a path that the manifest gives; raises AskingError.
    """

    content: str
    file: str
    lesson_of: Callable[[str], str]

    def read(self) -> ManifestReading:
        """Understands it, with all its problems."""
        return read_manifest(self.content, file=self.file, lesson_of=self.lesson_of)


def read_text(path: Path) -> str:
    """Returns a file's text.

    Raises:
        AskingError: it is missing, too large or not UTF-8.
    """
    try:
        if path.exists() and not path.is_file():
            raise AskingError((unreadable(path.name, "It is no ordinary file.", "Put a file in its place."),))
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise AskingError((unreadable(path.name, f"The file can't be read: {why}.", "Check its path."),)) from error
    return text_of(content, path.name)


def text_of(content: bytes, file: str) -> str:
    """Returns the text of a file's content, of which a byte more than the most that is allowed was read.

    Raises:
        AskingError: it is too large or not UTF-8.
    """
    if len(content) > MAX_FILE_BYTES:
        raise AskingError((unreadable(file, "The file has more than 1,000,000 bytes.", "Split it."),))
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        problem = Problem("M-FILE", Severity.ERROR, line, 1, "The file is not UTF-8.", "Save it as UTF-8.", file)
        raise AskingError((problem,)) from error


def check_inside(folder: Path, path: Path) -> Path:
    """Returns a path if its file is below a folder, links followed: else a link could lead to another tenant's file.

    Raises:
        AskingError: it is outside of the folder.
    """
    if path.resolve().is_relative_to(folder.resolve()):
        return path
    why = "It is a link that leads outside of its folder."
    raise AskingError((unreadable(path.name, why, "Put the file itself there."),))


def manifest_file(path: Path) -> ManifestText:
    """Reads a manifest file, or a lesson file as its own manifest.

    Raises:
        AskingError: it can't be read.
    """
    folder = path.parent

    def lesson_of(name: str) -> str:
        return read_text(check_inside(folder, folder / name))

    return ManifestText(read_text(path), path.name, lesson_of)


def save_snapshot(artifacts: ArtifactStore, tenant: str, asked: ManifestText, reading: ManifestReading) -> None:
    """Keeps what was asked for under its hash, so that later stages and re-runs read the same."""
    lesson = reading.lesson_text or ""
    snapshot = {"file": asked.file, "content": asked.content, "lesson": lesson}
    content = json.dumps(snapshot, ensure_ascii=False, sort_keys=True).encode()
    artifacts.put(tenant, reading.sha256, SNAPSHOT, content)


def load_snapshot(artifacts: ArtifactStore, tenant: str, manifest_sha256: str) -> ManifestText:
    """Returns what was asked for.

    Raises:
        KeyError: no such snapshot is stored.
    """
    snapshot = json.loads(artifacts.get(tenant, manifest_sha256, SNAPSHOT))
    return ManifestText(snapshot["content"], snapshot["file"], lambda _name: str(snapshot["lesson"]))


def stored_manifest(artifacts: ArtifactStore, tenant: str, manifest_sha256: str) -> ManifestText:
    """Returns what was asked for, as a run is given it by somebody who may be wrong.

    Raises:
        AskingError: no such snapshot is stored.
    """
    try:
        return load_snapshot(artifacts, tenant, manifest_sha256)
    except (KeyError, ValueError) as error:
        fix = "Ask for the lesson again; stored copies are kept for a while only."
        why = f"There is no stored copy {manifest_sha256[:80]!r} of a manifest of {tenant}."
        raise AskingError((unreadable("", why, fix),)) from error
