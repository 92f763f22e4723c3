"""Things of two tenants to be moved; ``python -m esl_pipeline_tests.stages.migrated FROM TO`` begins to."""

from __future__ import annotations

import hashlib
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from esl_pipeline.stages.migrate_state import Place, migrate_state
from esl_pipeline.stores.artifact_files import FileArtifactStore
from esl_pipeline.stores.audit import AuditEntry
from esl_pipeline.stores.catalogues import Catalogue
from esl_pipeline.stores.publication import Publication, StageRecord
from esl_pipeline.stores.requests import Asked, RequestStore, TenantRequests
from esl_pipeline.stores.standing import Standing, StandingStore
from esl_pipeline.stores.state import State, open_state
from esl_pipeline.stores.usage import UsageEntry

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
TENANTS = ("other", "school")
ASSIGNMENTS = tuple(f"week-{number}" for number in range(1, 6))
ARTIFACTS = 12


def place(folder: Path) -> Place:
    """A place of files."""
    return Place(open_state(None, folder, "", _no_s3), FileArtifactStore(folder))


def fill(state: State) -> None:
    """Makes the state of two tenants."""
    for tenant in TENANTS:
        for assignment in ASSIGNMENTS:
            write(state, tenant, assignment, title=f"Lesson {assignment}")
        state.usage.add(tenant, "2026-10", lambda _: [spent(n) for n in range(3)])
        state.usage.add(tenant, "2026-11", lambda _: [spent(n) for n in range(5)])
        for number in range(4):
            state.audit.append(told(tenant, number))
        voices: list[dict[str, Any]] = [{"voice_id": "1", "name": "Alice"}]
        catalogue = Catalogue(engine="elevenlabs", endpoint="https://example.com", synced_at=AT, voices=voices)
        state.catalogues.write_catalogue(tenant, catalogue)
    standings = StandingStore(state.documents)
    standings.change("other", lambda _: Standing(state="suspended", actor="shell:ann", reason="holidays", at=AT))
    asked = TenantRequests(asked={"week-1": Asked(sha256="0" * 64, request=2)})
    RequestStore(state.documents).write("other", asked, None)


def write(state: State, tenant: str, assignment: str, *, title: str, at: datetime = AT) -> None:
    """Writes a publication whose newest stage began at a time."""

    def change(publication: Publication) -> None:
        publication.title = title
        record = StageRecord(status="succeeded", job_id="j", run_id="r", started_at=at, elapsed_s=1.0)
        publication.stages["validated_manifest"] = record
        publication.__pydantic_extra__ = {"of_a_newer_version": {"kept": True}}

    state.publications.update(tenant, assignment, change)


def fill_artifacts(store: FileArtifactStore) -> None:
    """Stores artifacts of both kinds: some under the hash of their content, some under that of what made them."""
    for tenant in TENANTS:
        for number in range(ARTIFACTS):
            content = f"{tenant} {number}".encode() * 100
            sha256 = hashlib.sha256(content if number % 2 else f"request {number}".encode()).hexdigest()
            store.put(tenant, sha256, ".mp3" if number % 2 else ".wav", content)


def spent(number: int) -> UsageEntry:
    """One line of an account book."""
    return UsageEntry(
        kind="bought",
        at=AT + timedelta(seconds=number),
        run_id="r",
        assignment="week-1",
        sha256=f"{number:064x}",
        engine="elevenlabs",
        model="eleven_multilingual_v2",
        voice_id="1",
        voice_name="Alice",
        characters=10,
        credits=10,
        estimated_credits=10,
        usd=0.001,
    )


def told(tenant: str, number: int) -> AuditEntry:
    """One entry of the audit log."""
    return AuditEntry(
        number=0,
        at=AT + timedelta(seconds=number),
        tenant=tenant,
        actor="shell:ann",
        action="stage",
        id=f"{number}",
        outcome="succeeded",
        details={"cost": number},
    )


def content_of(place: Place) -> dict[str, Any]:
    """All that is in a place, to be compared."""
    found: dict[str, Any] = {}
    if state := place.state:
        for publication in state.publications.list():
            key = f"{publication.tenant}/{publication.assignment}"
            found[key] = publication.model_dump(mode="json", exclude={"lease_token"})
        for prefix in ("usage/", "audit/"):
            found |= {name: list(state.journal.lines(name)) for name in state.journal.names(prefix)}
        for prefix in ("catalogues/", "tenants/"):
            for key in state.documents.keys(prefix):
                document = state.documents.get(key)
                found[key] = document and document.content
    if store := place.artifacts:
        for tenant in store.tenants():
            for one in store.list(tenant):
                found[f"{tenant}/{one.sha256}{one.suffix}"] = store.get(tenant, one.sha256, one.suffix)
    return found


def _no_s3() -> Any:
    raise AssertionError("there is no S3 in this test")


def wait_to_be_killed(_: object) -> None:
    """Says that a tenant is done, and gives the test time to kill."""
    sys.stdout.write("a tenant is done\n")
    sys.stdout.flush()
    time.sleep(60)


if __name__ == "__main__":
    migrate_state(place(Path(sys.argv[1])), place(Path(sys.argv[2])), progress=wait_to_be_killed)
