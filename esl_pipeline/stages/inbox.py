"""Where assignments are asked for by having files: ``<tenant>/<assignment>.{yaml,yml,json,md}``."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import Protocol

from esl_pipeline.manifests import SlugError, check_slug
from esl_pipeline.stages.asking import MANIFEST_SUFFIXES, AskingError, ManifestText

DOCUMENTS = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class InboxFile:
    """A manifest or a lesson.

    Attributes:
        path: below the tenant's folder, with slashes.
        changed_at: when it was written, or moved or copied to where it is, in ns by the clock of the place.
        stamp: another one as soon as something else may be in it; empty where that can't be told now.
    """

    path: str
    changed_at: int
    stamp: str


@dataclass(frozen=True)
class TenantFiles:
    """What lies in one tenant's folder.

    Attributes:
        tenant: name of the folder; it may be no slug.
        files: manifests and lessons, in any order, also those in folders below.
        changed_at: when something last came or changed, and, where the place knows that, went.
    """

    tenant: str
    files: tuple[InboxFile, ...] = field(repr=False)
    changed_at: int

    @cached_property
    def by_path(self) -> dict[str, InboxFile]:
        """The files by their paths."""
        return {file.path: file for file in self.files}


@dataclass(frozen=True)
class Misplaced:
    """A file that asks for nothing because of its name or place, and why."""

    path: str
    reason: str


class Inbox(Protocol):
    """A folder, or a part of a bucket; paths are relative to it, with slashes.

    Every method may raise ``StoreUnavailableError``, where asking again may help, and ``StoreRefusedError``.
    """

    @property
    def place(self) -> str:
        """Its address, for people."""

    def tenants(self) -> Iterator[TenantFiles | Misplaced]:
        """Yields what lies in each tenant's folder; an inbox that is not there is empty. Reads no file."""

    def find(self, tenant: str, assignment: str) -> str | None:
        """Returns the path of an assignment's manifest, else of its lesson alone, else None.

        Raises:
            AskingError: it is a link that leads outside of the tenant's folder.
        """

    def manifest(self, path: str) -> ManifestText:
        """Reads a manifest, or a lesson as its own manifest.

        Raises:
            AskingError: it can't be read.
        """

    def holds(self, tenant: str) -> bool:
        """Tells whether there is a folder of the tenant."""

    def within(self, path: str) -> str | None:
        """Returns the path in the inbox of a file of this machine, None where it lies elsewhere."""


@dataclass(frozen=True)
class InboxEntry:
    """One assignment that the inbox asks for, and the file that does."""

    tenant: str
    assignment: str
    file: InboxFile

    @property
    def path(self) -> str:
        """The file's path in the inbox."""
        return f"{self.tenant}/{self.file.path}"

    def stamp(self, lesson: str, files: dict[str, InboxFile]) -> str:
        """Returns what changes when manifest or lesson may have changed; empty where nothing tells that.

        Args:
            lesson: path of the lesson below the tenant's folder; empty where the file is one itself.
            files: of the tenant, by path.
        """
        found = files.get(lesson)
        if not self.file.stamp or (found and not found.stamp):
            return ""
        parts = f"{self.file.path}\0{self.file.stamp}\0{found.stamp if found else ''}"
        return hashlib.blake2b(parts.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()


def entries_of(found: TenantFiles) -> Iterator[InboxEntry | Misplaced]:
    """Yields the assignments that a tenant's files ask for, those whose file changed longest ago first."""
    by_stem: dict[str, list[InboxFile]] = {}
    for file in found.files:
        stem, _, suffix = file.path.rpartition(".")
        if "/" not in stem and f".{suffix}" in MANIFEST_SUFFIXES:
            by_stem.setdefault(stem, []).append(file)
        elif f".{suffix}" in DOCUMENTS:
            yield Misplaced(f"{found.tenant}/{file.path}", "Put it into the tenant's folder itself, not below that.")
    try:
        check_slug(found.tenant, "tenant")
    except SlugError as error:
        if by_stem:
            yield Misplaced(found.tenant, str(error))
        return
    files = list[InboxFile]()
    for some in by_stem.values():
        first, *others = sorted(some, key=_rank)
        files.append(first)
        for one in others:
            if one.path.endswith(DOCUMENTS):
                yield Misplaced(f"{found.tenant}/{one.path}", f"{first.path} counts. Take one of them away.")
    for file in sorted(files, key=lambda one: (one.changed_at, one.path)):
        yield _entry(found.tenant, file)


def _rank(file: InboxFile) -> int:
    return MANIFEST_SUFFIXES.index(f".{file.path.rpartition('.')[2]}")


def _entry(tenant: str, file: InboxFile) -> InboxEntry | Misplaced:
    try:
        return InboxEntry(tenant, check_slug(file.path.rpartition(".")[0], "assignment"), file)
    except SlugError as error:
        return Misplaced(f"{tenant}/{file.path}", str(error))


@dataclass(frozen=True)
class InboxContent:
    """What an entry asks for.

    Attributes:
        sha256: of manifest and lesson; of what is wrong with the files where they can't be read.
        lesson: path of the lesson below the tenant's folder; empty where the entry's file is one itself.
        is_lesson_read: False where there is no lesson that can be read.
    """

    sha256: str
    lesson: str = ""
    is_lesson_read: bool = True


def read_content(inbox: Inbox, entry: InboxEntry) -> InboxContent:
    """Reads an entry's manifest and lesson.

    What their author can mend is content too: the run that it asks for tells the author.

    Raises:
        StoreUnavailableError: asking again may help.
    """
    try:
        reading = inbox.manifest(entry.path).read()
    except AskingError as error:
        return InboxContent(_sha256(str(error)), is_lesson_read=False)
    lesson = reading.lesson_text if reading.lesson_text is not None else repr(reading.problems)
    file = str(PurePosixPath(reading.lesson_file))
    return InboxContent(
        _sha256(f"{reading.sha256}\0{lesson}"),
        "" if file == entry.file.path else file,
        reading.lesson_text is not None,
    )


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
