"""Writes all that is kept of a tenant into a folder: publications, artifacts, account books, audit log, settings.

Reads the tenant's stores; writes nothing but the folder and an entry of the audit log. An export that was broken off
goes on where it stood.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from typing import IO, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from esl_pipeline.manifests import check_slug
from esl_pipeline.stages.job_record import Answer
from esl_pipeline.stages.notify.books import NoticeBooks
from esl_pipeline.stages.providers import Providers
from esl_pipeline.stages.tenants import TenantActError, tell
from esl_pipeline.stores.names import artifact_name
from esl_pipeline.stores.whole_files import fill_whole, write_whole

INDEX: Final = "export.json"


class ExportIndex(BaseModel):
    """What an export says of itself; ``last_sha256`` is of the newest entry of its audit log."""

    model_config = ConfigDict(frozen=True)

    tenant: str
    at: datetime
    complete: bool = False
    publications: int = 0
    artifacts: int = 0
    artifact_bytes: int = 0
    months: int = 0
    entries: int = 0
    last_sha256: str = ""


class ExportAnswer(Answer):
    """What was exported, and where to."""

    folder: str
    index: ExportIndex


def export_tenant(providers: Providers, tenant: str, actor: str, folder: Path) -> ExportAnswer:
    """Exports a tenant; its state at the vendors is not touched.

    Args:
        providers: of the pipeline.
        tenant: a slug.
        actor: who does it.
        folder: new, empty, or one with an export of the same tenant, which is brought up to date.

    Raises:
        TenantActError: something else is in the folder.
        KeyError: an artifact is damaged.
    """
    check_slug(tenant, "tenant")
    check_folder(folder, tenant)
    begun = ExportIndex(tenant=tenant, at=providers.clock.now())
    _write(folder / INDEX, begun.model_dump_json(indent=1))
    tell(providers, tenant, actor, "export", folder=str(folder))
    work = _Export(providers, tenant, folder)
    work.settings()
    artifacts, size = work.artifacts()
    entries, last_sha256 = work.audit()
    done = begun.model_copy(
        update={
            "complete": True,
            "publications": work.publications(),
            "artifacts": artifacts,
            "artifact_bytes": size,
            "months": work.usage(),
            "entries": entries,
            "last_sha256": last_sha256,
        }
    )
    _write(folder / INDEX, done.model_dump_json(indent=1))
    return ExportAnswer(folder=str(folder), index=done)


def export_audit(providers: Providers, tenant: str, folder: Path) -> ExportIndex:
    """Writes the audit log into an export again, with what was added since."""
    entries, last_sha256 = _Export(providers, tenant, folder).audit()
    index = read_index(folder).model_copy(update={"entries": entries, "last_sha256": last_sha256})
    _write(folder / INDEX, index.model_dump_json(indent=1))
    return index


def check_folder(folder: Path, tenant: str) -> None:
    """Checks that an export may be written into a folder.

    Raises:
        TenantActError: something else is in it.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        try:
            owner = read_index(folder).tenant
        except (OSError, ValidationError):
            owner = ""
        if owner != tenant:
            raise TenantActError(f"{folder} is no export of {tenant}, and not empty. Name a new folder.")


def read_index(folder: Path) -> ExportIndex:
    """Returns what an export says of itself.

    Raises:
        OSError: there is none.
        ValidationError: it is damaged.
    """
    return ExportIndex.model_validate_json((folder / INDEX).read_bytes())


class _Export:
    """The parts of an export."""

    def __init__(self, providers: Providers, tenant: str, folder: Path) -> None:
        self._providers, self._tenant, self._folder = providers, tenant, folder

    def settings(self) -> None:
        """Writes the tenant's document, which holds names of secrets and no secret, its notices, and its standing."""
        if document := self._providers.config.read(self._tenant):
            suffix = Path(document.file).suffix
            _write(self._folder / f"settings{suffix}", document.text)
        told = NoticeBooks(self._providers.documents).read(self._tenant)
        if told.entries:
            _write(self._folder / "notices.json", told.model_dump_json(indent=1))
        standing = self._providers.standings.read(self._tenant)
        _write(self._folder / "standing.json", standing.model_dump_json(indent=1))

    def publications(self) -> int:
        count = 0
        for publication in self._providers.publications.list(self._tenant):
            path = self._folder / "publications" / f"{check_slug(publication.assignment, 'assignment')}.json"
            _write(path, publication.model_dump_json(indent=2))
            count += 1
        return count

    def artifacts(self) -> tuple[int, int]:
        count, size = 0, 0
        for one in self._providers.artifacts.list(self._tenant):
            path = self._folder / "artifacts" / artifact_name(one.sha256, one.suffix)
            if not path.exists() or path.stat().st_size != one.size:
                self._copy(one.sha256, one.suffix, path)
            count, size = count + 1, size + one.size
        return count, size

    def _copy(self, sha256: str, suffix: str, path: Path) -> None:
        with self._providers.artifacts.open(self._tenant, sha256, suffix) as content:

            def fill(file: IO[bytes]) -> None:
                shutil.copyfileobj(content, file)

            fill_whole(path, fill)

    def usage(self) -> int:
        months = [month for tenant, month in self._providers.usage.months() if tenant == self._tenant]
        for month in months:
            lines = self._providers.usage.lines(self._tenant, month)
            _write(self._folder / "usage" / f"{month}.jsonl", "".join(f"{line.model_dump_json()}\n" for line in lines))
        return len(months)

    def audit(self) -> tuple[int, str]:
        count, last_sha256 = 0, ""
        lines = list[str]()
        for entry in self._providers.audit.entries(self._tenant):
            count, last_sha256 = count + 1, entry.sha256
            lines.append(f"{entry.model_dump_json()}\n")
        _write(self._folder / "audit.jsonl", "".join(lines))
        return count, last_sha256


def _write(path: Path, text: str) -> None:
    write_whole(path, text.encode())
