"""The folder that asks for assignments by having files: ``<tenant>/<assignment>.{yaml,yml,json,md}``."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from esl_pipeline.manifests import SlugError, check_slug
from esl_pipeline.stages.asking import MANIFEST_SUFFIXES, AskingError, check_inside, manifest_file


@dataclass(frozen=True)
class InboxEntry:
    """One assignment that the inbox asks for; ``stamp`` changes when a file of it was written."""

    tenant: str
    assignment: str
    path: Path
    stamp: str


@dataclass(frozen=True)
class Misplaced:
    """A file that asks for nothing because of its name or place, and why."""

    path: Path
    reason: str


def scan_inbox(inbox: Path) -> Iterator[InboxEntry | Misplaced]:
    """Yields what an inbox holds, by tenant and assignment; a missing inbox is empty. Reads no file."""
    if not inbox.is_dir():
        return
    for folder in sorted(path for path in inbox.iterdir() if path.is_dir() and not path.name.startswith(".")):
        by_stem: dict[str, list[Path]] = {}
        for path in sorted(folder.iterdir()):
            if path.suffix in MANIFEST_SUFFIXES and path.is_file() and not path.name.startswith("."):
                by_stem.setdefault(path.stem, []).append(path)
        for stem, paths in by_stem.items():
            yield _entry(folder.name, stem, sorted(paths, key=lambda path: MANIFEST_SUFFIXES.index(path.suffix)))


def _entry(tenant: str, assignment: str, paths: list[Path]) -> InboxEntry | Misplaced:
    try:
        check_slug(tenant, "tenant")
        check_slug(assignment, "assignment")
        stats = [path.stat() for path in paths]
    except (SlugError, OSError) as error:
        return Misplaced(paths[0], str(error))
    stamp = ",".join(f"{stat.st_mtime_ns}:{stat.st_size}" for stat in stats)
    return InboxEntry(tenant, assignment, paths[0], stamp)


@dataclass(frozen=True)
class InboxContent:
    """What an entry asks for.

    Attributes:
        sha256: of manifest and lesson; of what is wrong with the files where they can't be read.
        lesson_elsewhere: True where the lesson is a file that the entry's stamp does not cover.
    """

    sha256: str
    lesson_elsewhere: bool = False


def read_content(entry: InboxEntry) -> InboxContent:
    """Reads an entry's manifest and lesson; never raises for what their author can mend."""
    try:
        reading = manifest_file(check_inside(entry.path.parent, entry.path)).read()
    except AskingError as error:
        return InboxContent(_sha256(str(error)))
    lesson = reading.lesson_text if reading.lesson_text is not None else repr(reading.problems)
    elsewhere = Path(reading.lesson_file) not in (Path(entry.path.name), Path(f"{entry.assignment}.md"))
    return InboxContent(_sha256(f"{reading.sha256}\0{lesson}"), elsewhere)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
