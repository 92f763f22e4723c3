from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from esl_pipeline.manifests import AskingError, SlugError
from esl_pipeline.stages.asking import manifest_file
from esl_pipeline.stages.create_pipeline import create_pipeline
from esl_pipeline.stages.job import JobOptions
from esl_pipeline.stages.providers import Providers
from esl_pipeline.stages.run_stage import failure_kind
from esl_pipeline.stages.stage import Stage
from esl_pipeline.stages.tenants import TenantActError, add_tenant, resume, suspend
from esl_pipeline.stages.tenants_gate import TRUSTED_S, TenantGate, TenantSuspendedError
from esl_pipeline.stages.tenants_list import list_tenants
from esl_pipeline.stores.documents import Document, StoreUnavailableError
from esl_pipeline.stores.memory_documents import MemoryDocuments
from esl_pipeline.stores.standing import Standing, StandingStore, UnreadableStandingError
from esl_pipeline_tests.sandboxed import Sandboxed, succeeded, writes
from esl_pipeline_tests.stages.speech_stage import bought, open_job, publication, short

ANN = "operator:ann"


def told(providers: Providers, tenant: str) -> list[tuple[str, str]]:
    return [(one.action, one.actor) for one in providers.audit.entries(tenant) if one.action != "stage"]


def test_a_suspended_tenant_is_refused_with_who_when_and_why_and_nothing_is_sent(
    sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    pipeline = sandbox.pipeline()
    suspend(pipeline.providers, assignment, ANN, "The school has left.")
    with sandbox.watched() as seen, pytest.raises(TenantSuspendedError) as refused:
        sandbox.publish(short(four_turns, assignment), tenant=assignment)
    assert seen == []
    assert failure_kind(refused.value) == "rejected"
    assert f"The tenant {assignment} was suspended by operator:ann at 20" in str(refused.value)
    assert "UTC: The school has left. Let it publish again with: esl tenants resume" in str(refused.value)
    assert pipeline.providers.publications.read(assignment, "lesson") is None


def test_a_resumed_tenant_publishes_and_both_acts_are_told(
    sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    providers = sandbox.pipeline().providers
    suspend(providers, assignment, ANN, "why")
    resume(providers, assignment, "shell:bob")
    succeeded(sandbox.publish(short(four_turns, assignment), tenant=assignment))
    assert told(providers, assignment) == [("tenant.suspend", ANN), ("tenant.resume", "shell:bob")]
    with pytest.raises(TenantActError, match="is not suspended"):
        resume(providers, assignment, ANN)


def test_a_suspension_leaves_other_tenants_alone(sandbox: Sandboxed, four_turns: str, assignment: str) -> None:
    suspend(sandbox.pipeline().providers, f"{assignment}-2", ANN, "why")
    succeeded(sandbox.publish(short(four_turns, assignment), tenant=assignment))


def test_a_stage_that_is_due_when_the_tenant_is_suspended_does_not_begin(
    sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    pipeline = sandbox.pipeline()
    job = open_job(sandbox, short(four_turns, assignment), assignment)
    pipeline.run_stage(Stage.MANIFEST, job)
    before = publication(sandbox, assignment)
    suspend(pipeline.providers, assignment, ANN, "why")
    with sandbox.watched() as seen, pytest.raises(TenantSuspendedError):
        pipeline.run_stage(Stage.SPEECH, job)
    assert seen == []
    assert publication(sandbox, assignment) == before


def test_a_run_under_way_stops_between_two_requests_and_is_completed_after_it_may(
    sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    pipeline, lesson = sandbox.pipeline(), short(four_turns, assignment)
    sandbox.control("delays", {"speech_s": 1.2})
    overrides = ("speech.max_concurrent_requests=1",)
    job = open_job(sandbox, lesson, assignment, overrides=overrides)
    pipeline.run_stage(Stage.MANIFEST, job)
    stop = threading.Timer(1.5, lambda: suspend(sandbox.pipeline().providers, assignment, ANN, "why"))
    stop.start()
    with sandbox.watched("elevenlabs") as seen, pytest.raises(TenantSuspendedError):
        pipeline.run_stage(Stage.SPEECH, job)
    stop.join()
    assert 1 <= bought(seen) <= 3
    entry = list(pipeline.providers.audit.entries(assignment))[-1]
    assert (entry.outcome, entry.details["bought"]["segments"]) == ("failed", bought(seen))
    assert entry.details["error"]["type"] == "TenantSuspendedError"
    resume(pipeline.providers, assignment, ANN)
    sandbox.quiet()
    with sandbox.watched("elevenlabs") as rest:
        succeeded(sandbox.publish(lesson, tenant=assignment, overrides=overrides))
    assert bought(seen) + bought(rest) == 4


class Asked:
    """Documents of one tenant that count how often they are read, and may be out of reach."""

    def __init__(self) -> None:
        self.documents, self.reads, self.down = MemoryDocuments(), 0, False

    def get(self, key: str) -> Document | None:
        self.reads += 1
        if self.down:
            raise StoreUnavailableError("no answer")
        return self.documents.get(key)

    def __getattr__(self, name: str) -> Callable[..., object]:
        found: Callable[..., object] = getattr(self.documents, name)
        return found


def test_the_standing_is_looked_at_once_a_second_at_most() -> None:
    asked, now = Asked(), [0.0]
    gate = TenantGate(StandingStore(asked), "school", lambda: now[0])  # type: ignore[arg-type]
    for tenth in range(100):
        now[0] = tenth / 10
        gate.check(1.0)
    assert asked.reads == 10


def test_a_store_that_does_not_answer_stops_no_run_for_a_minute_but_lets_none_begin() -> None:
    asked, now = Asked(), [0.0]
    gate = TenantGate(StandingStore(asked), "school", lambda: now[0])  # type: ignore[arg-type]
    gate.check(0)
    asked.down, now[0] = True, TRUSTED_S - 1
    gate.check(0)
    now[0] = TRUSTED_S + 1
    with pytest.raises(StoreUnavailableError) as silent:
        gate.check(1.0)
    assert failure_kind(silent.value) == "unavailable"
    with pytest.raises(StoreUnavailableError):
        TenantGate(StandingStore(asked), "school", lambda: now[0]).check(0)  # type: ignore[arg-type]


def test_a_damaged_standing_lets_nothing_through() -> None:
    documents = MemoryDocuments()
    documents.put("tenants/school.json", b'{"state": "perhaps"}', expected=None)
    with pytest.raises(UnreadableStandingError, match=r"tenants/school\.json is damaged"):
        StandingStore(documents).read("school")


def test_two_who_change_a_standing_both_do() -> None:
    store = StandingStore(MemoryDocuments())

    def add(number: int) -> Callable[[Standing], Standing]:
        return lambda before: before.model_copy(update={"reason": f"{before.reason}{number}"})

    threads = [threading.Thread(target=store.change, args=("school", add(n))) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(store.read("school").reason) == sorted("01234567")


@pytest.fixture
def providers(tmp_path: Path) -> Providers:
    """Of a home folder of its own."""
    from esl_pipeline.stages.environment import read_environment

    return create_pipeline(environment=read_environment({"ESL_HOME": str(tmp_path)})).providers


def test_a_tenant_is_added_with_its_document_once(providers: Providers, tmp_path: Path) -> None:
    folder = tmp_path / "tenants"
    document = "schema_version: 2\nsettings:\n  audio:\n    pause_ms: 900\n"
    add_tenant(providers, "school", ANN, folder=folder, document=document)
    assert (folder / "school.yaml").read_text("utf-8") == document
    with pytest.raises(TenantActError, match="known already; it is active"):
        add_tenant(providers, "school", ANN, folder=folder, document=None)
    (told_of,) = list_tenants(providers)
    assert (told_of.tenant, told_of.state, told_of.document, told_of.assignments) == ("school", "active", True, 0)
    assert told(providers, "school") == [("tenant.add", ANN)]


def test_a_document_that_is_there_is_never_overwritten(providers: Providers, tmp_path: Path) -> None:
    folder = tmp_path / "tenants"
    folder.mkdir()
    (folder / "school.yaml").write_text("schema_version: 2\n")
    with pytest.raises(TenantActError, match="has a document"):
        add_tenant(providers, "school", ANN, folder=folder, document="schema_version: 2\nsettings: {}\n")
    add_tenant(providers, "school", ANN, folder=folder, document=None)
    assert (folder / "school.yaml").read_text() == "schema_version: 2\n"


def test_a_wrong_document_or_name_adds_nothing(providers: Providers, tmp_path: Path) -> None:
    with pytest.raises(AskingError):
        add_tenant(providers, "school", ANN, folder=tmp_path / "tenants", document="settings: [")
    with pytest.raises(SlugError):
        add_tenant(providers, "../school", ANN, folder=tmp_path / "tenants", document=None)
    assert list(list_tenants(providers)) == []
    assert not (tmp_path / "tenants").exists()


def test_the_list_says_what_each_tenant_did_and_spent(sandbox: Sandboxed, four_turns: str, assignment: str) -> None:
    record = succeeded(sandbox.publish(short(four_turns, assignment), tenant=assignment))
    found = next(one for one in list_tenants(sandbox.pipeline().providers) if one.tenant == assignment)
    assert (found.state, found.document, found.assignments) == ("active", False, 1)
    assert found.characters == record.audio.characters_billed
    assert found.usd > 0
    assert found.last_run_at is not None


def test_a_dry_run_of_a_suspended_tenant_is_refused_too(sandbox: Sandboxed, four_turns: str, assignment: str) -> None:
    suspend(sandbox.pipeline().providers, assignment, ANN, "why")
    with pytest.raises(TenantSuspendedError):
        sandbox.publish(short(four_turns, assignment), tenant=assignment, dry_run=True)


def test_a_suspension_holds_although_it_could_not_be_told(sandbox: Sandboxed, four_turns: str, assignment: str) -> None:
    from esl_pipeline_tests.stages.speech_stage import Hurried
    from esl_pipeline_tests.stages.test_audit_stages import Broken

    providers = sandbox.pipeline().providers
    down = replace(providers, audit=Broken(providers.audit, deaf=True), clock=Hurried())
    with pytest.raises(StoreUnavailableError):
        suspend(down, assignment, ANN, "why")
    job = manifest_file(sandbox.write(short(four_turns, assignment), assignment))
    with sandbox.watched() as seen, pytest.raises(TenantSuspendedError):
        sandbox.pipeline().new_assignment(assignment, "lesson", job, JobOptions())
    assert writes(seen) == []
    with pytest.raises(StoreUnavailableError):
        resume(down, assignment, ANN)
    assert providers.standings.read(assignment).state == "suspended"
