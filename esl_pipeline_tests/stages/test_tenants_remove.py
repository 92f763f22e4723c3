from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from esl_pipeline.stages.inbox_folder import FolderInbox
from esl_pipeline.stages.providers import Providers
from esl_pipeline.stages.tenants import TenantActError, add_tenant, resume, suspend
from esl_pipeline.stages.tenants_export import export_tenant
from esl_pipeline.stages.tenants_gate import TenantSuspendedError
from esl_pipeline.stages.tenants_remove import RemovalAnswer, Surroundings, remove_tenant
from esl_pipeline.stores.audit import AuditEntry
from esl_pipeline.stores.documents import StoreUnavailableError
from esl_pipeline.stores.protocols import LeaseHeldError
from esl_pipeline.stores.requests import Asked, RequestStore, TenantRequests
from esl_pipeline_tests.sandboxed import Sandboxed, flat, succeeded
from esl_pipeline_tests.stages.speech_stage import Hurried, short

ANN = "operator:ann"


class Runs:
    """Stands for the orchestrator's history: says how many runs it forgets, or that one has not ended."""

    def __init__(self) -> None:
        self.under_way, self.forgotten = False, list[str]()

    def __call__(self, tenant: str, dry_run: bool) -> int:
        if self.under_way:
            raise LeaseHeldError("1 run has not ended yet")
        if not dry_run:
            self.forgotten.append(tenant)
        return 3


class Home:
    """A sandbox, a tenant in it with two lessons, and where its export goes."""

    def __init__(self, sandbox: Sandboxed, tenant: str, folder: Path) -> None:
        self.sandbox, self.tenant, self.folder, self.runs = sandbox, tenant, folder, Runs()
        self.documents = sandbox.home / "tenants"

    @property
    def providers(self) -> Providers:
        return self.sandbox.pipeline().providers

    def around(self) -> Surroundings:
        return Surroundings(FolderInbox(self.sandbox.home / "inbox"), self.documents, self.runs)

    def remove(self, providers: Providers | None = None, **how: Any) -> RemovalAnswer:
        return remove_tenant(providers or self.providers, self.tenant, ANN, self.folder, self.around(), **how)

    def files(self) -> list[str]:
        """All files of the home whose path names the tenant."""
        found = (path.relative_to(self.sandbox.home) for path in self.sandbox.home.rglob("*") if path.is_file())
        return sorted(str(path) for path in found if self.tenant in str(path) and path.parts[0] != "lessons")

    def entries(self) -> list[AuditEntry]:
        assert self.providers.audit.verify(self.tenant) >= 0
        return list(self.providers.audit.entries(self.tenant))

    def exported(self) -> dict[str, bytes]:
        """What the export holds, by path; what says when it was made is left out."""
        found = {str(path.relative_to(self.folder)): path for path in self.folder.rglob("*") if path.is_file()}
        changing = ("export.json", "audit.jsonl", "standing.json")
        return {name: path.read_bytes() for name, path in found.items() if name not in changing}


@pytest.fixture
def home(sandbox: Sandboxed, four_turns: str, assignment: str, tmp_path: Path) -> Home:
    made = Home(sandbox, assignment, tmp_path / "export")
    document = "schema_version: 2\nsettings:\n  notion:\n    token_secret: NOTION_TOKEN\n"
    add_tenant(made.providers, assignment, ANN, folder=made.documents, document=document)
    succeeded(sandbox.publish(short(four_turns, assignment), "one", tenant=assignment))
    return made


def test_an_export_holds_all_that_is_kept_and_no_secret(home: Home) -> None:
    answer = export_tenant(home.providers, home.tenant, ANN, home.folder)
    exported = home.exported()
    publication = json.loads(exported["publications/one.json"])
    assert publication["tenant"] == home.tenant
    track = exported[f"artifacts/{publication['audio']['sha256']}.mp3"]
    assert track == home.sandbox.uploaded(f"{publication['upload']['bucket']}/{publication['upload']['key']}")
    assert b"token_secret: NOTION_TOKEN" in exported["settings.yaml"]
    assert answer.index.artifacts == len([name for name in exported if name.startswith("artifacts/")]) > 4
    assert len(list(home.folder.glob("usage/*.jsonl"))) == answer.index.months == 1
    lines = (home.folder / "audit.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [one.model_dump(mode="json") for one in home.entries()]
    assert b"ntn_" not in b"".join(path.read_bytes() for path in home.folder.rglob("*.json*"))


def test_sound_that_was_uploaded_to_notion_stays_and_is_told_with_its_page(
    sandbox: Sandboxed, four_turns: str, assignment: str, tmp_path: Path
) -> None:
    home, at_notion = Home(sandbox, assignment, tmp_path / "export"), "storage.publishing=notion"
    lesson = short(four_turns, assignment)
    page = succeeded(sandbox.publish(lesson, "heard", tenant=assignment, overrides=[at_notion])).page
    succeeded(sandbox.publish(lesson, "plain", tenant=assignment))
    for dry_run in (True, False):
        answer = home.remove(dry_run=dry_run)
        assert {left.assignment: left.sound_at_notion for left in answer.pages} == {"heard": True, "plain": False}
        assert answer.uploads == 4
    (audio,) = [tree for tree in flat(sandbox.tree(page.id or "")) if tree.type == "audio"]
    assert audio.block["audio"]["type"] == "file"


def test_an_export_goes_on_in_its_own_folder_and_in_no_other(home: Home, tmp_path: Path) -> None:
    export_tenant(home.providers, home.tenant, ANN, home.folder)
    before = home.exported()
    (home.folder / "publications" / "one.json").unlink()
    export_tenant(home.providers, home.tenant, ANN, home.folder)
    assert home.exported() == before
    with pytest.raises(TenantActError, match="is no export of other"):
        export_tenant(home.providers, "other", ANN, home.folder)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").write_text("keep")
    with pytest.raises(TenantActError, match="not empty"):
        export_tenant(home.providers, home.tenant, ANN, tmp_path / "notes")


def test_a_dry_run_of_a_removal_says_the_same_and_changes_nothing(home: Home) -> None:
    files, entries = home.files(), home.entries()
    with home.sandbox.watched() as seen:
        planned = home.remove(dry_run=True)
    assert [one for one in seen if one["method"] != "GET"] == []
    assert (home.files(), home.entries(), home.folder.exists()) == (files, entries, False)
    done = home.remove()
    changing = {"dry_run", "months"}
    assert done.model_dump(exclude=changing) == planned.model_dump(exclude=changing)
    assert (done.months, done.runs, home.runs.forgotten) == (1, 3, [home.tenant])


def test_a_removal_deletes_everything_but_the_page_and_says_where_that_is(home: Home) -> None:
    publication = home.providers.publications.read(home.tenant, "one")
    assert publication is not None
    assert publication.upload is not None
    assert publication.page is not None
    answer = home.remove()
    assert answer.uploads >= 2
    gone = requests.get(f"{home.sandbox.at.s3_url}/{publication.upload.bucket}/{publication.upload.key}", timeout=10)
    assert gone.status_code == 404
    assert [(page.assignment, page.url) for page in answer.pages] == [("one", publication.page.url)]
    assert any("secrets" in one for one in answer.stays)
    page = home.sandbox.notion("GET", f"pages/{publication.page.id}")
    assert page["in_trash"] is False
    left = [name for name in home.files() if not name.startswith(("sandbox/s3", "sandbox/notion"))]
    assert [name for name in left if "audit" not in name] == []


def test_what_was_uploaded_under_another_prefix_than_the_settings_name_now_goes_too(home: Home) -> None:
    publication = home.providers.publications.read(home.tenant, "one")
    assert publication is not None
    assert publication.upload is not None
    address = f"{home.sandbox.at.s3_url}/{publication.upload.bucket}/{publication.upload.key}"
    assert requests.get(address, timeout=10).status_code == 200
    file = home.documents / f"{home.tenant}.yaml"
    file.write_text(file.read_text() + "  storage:\n    prefix: moved\n")
    assert home.remove(dry_run=True).uploads == 4
    assert requests.get(address, timeout=10).status_code == 200
    assert home.remove().uploads == 4
    assert requests.get(address, timeout=10).status_code == 404


def test_what_the_inbox_asked_for_last_goes_with_its_folder(home: Home) -> None:
    """Without it all that is in the folder would be asked for again, of a tenant that was just removed."""
    store, folder = RequestStore(home.providers.documents), home.sandbox.home / "inbox" / home.tenant
    asked = TenantRequests(asked={"one": Asked(sha256="0" * 64, request=1)})
    store.write(home.tenant, asked, None)
    folder.mkdir(parents=True)
    assert any(str(folder) in left for left in home.remove().stays)
    assert store.read(home.tenant)[0] == asked
    folder.rmdir()
    assert not any(str(folder) in left for left in home.remove().stays)
    assert store.read(home.tenant) == (TenantRequests(), None)


def test_of_a_removed_tenant_one_entry_stays_that_vouches_for_the_export(home: Home) -> None:
    before = len(home.entries())
    home.remove()
    (last,) = home.entries()
    exported = [json.loads(line) for line in (home.folder / "audit.jsonl").read_text().splitlines()]
    assert last.action == "tenant.remove.end"
    assert last.details["last_sha256"] == exported[-1]["sha256"]
    assert last.details["entries"] == len(exported) == before + 2
    assert [one["action"] for one in exported][-2:] == ["tenant.remove.begin", "tenant.export"]
    assert home.providers.standings.known().count(home.tenant) == 0


def test_while_it_is_removed_a_tenant_neither_publishes_nor_comes_back(
    home: Home, four_turns: str, assignment: str
) -> None:
    home.runs.under_way = True
    with pytest.raises(LeaseHeldError, match="not ended"):
        home.remove()
    with pytest.raises(TenantSuspendedError, match="is being removed"):
        home.sandbox.publish(short(four_turns, assignment), "two", tenant=assignment)
    with pytest.raises(TenantActError, match="is being removed"):
        resume(home.providers, assignment, ANN)
    with pytest.raises(TenantActError, match="is being removed"):
        suspend(home.providers, assignment, ANN, "why")
    home.runs.under_way = False
    assert home.remove().publications == 1


def test_a_removal_waits_for_a_run_that_holds_a_lesson(home: Home) -> None:
    with home.providers.publications.lease(home.tenant, "one"), pytest.raises(LeaseHeldError):
        home.remove()
    assert not home.folder.exists()
    home.remove()
    assert home.providers.publications.read(home.tenant, "one") is None


STEPS = [
    ("publications", "delete"),
    ("artifacts", "delete"),
    ("usage", "delete"),
    ("catalogues", "delete_catalogues"),
    ("audit", "delete"),
    ("audit", "append"),
]


class BreaksAt:
    """A store one of whose methods fails: before or after it did its work."""

    def __init__(self, store: Any, method: str, *, after: bool) -> None:
        self._store, self._method, self._after = store, method, after

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if name != self._method:
            return found

        def breaking(*arguments: Any, **options: Any) -> Any:
            if self._after:
                found(*arguments, **options)
            raise StoreUnavailableError("gone")

        return breaking


@pytest.mark.parametrize("after", [False, True])
def test_a_removal_that_broke_off_anywhere_is_completed_by_the_next(home: Home, after: bool) -> None:
    export_tenant(home.providers, home.tenant, ANN, home.folder)
    whole = home.exported()
    for store, method in STEPS:
        broken: Any = BreaksAt(getattr(home.providers, store), method, after=after)
        providers = replace(home.providers, clock=Hurried(), **{store: broken})
        with pytest.raises(StoreUnavailableError):
            home.remove(providers)
        assert home.exported() == whole
    answer = home.remove()
    assert home.exported() == whole
    assert [page.assignment for page in answer.pages] == ["one"]
    assert [one.action for one in home.entries()] == ["tenant.remove.end"]
    assert home.providers.standings.read(home.tenant).state == "active"
    assert list(home.providers.publications.list(home.tenant)) == []


def test_a_removal_does_not_go_on_without_the_export_that_it_made(home: Home, tmp_path: Path) -> None:
    home.runs.under_way = True
    with pytest.raises(LeaseHeldError):
        home.remove()
    home.folder.rename(tmp_path / "elsewhere")
    home.runs.under_way = False
    with pytest.raises(TenantActError, match="Put it back"):
        home.remove()
    (tmp_path / "elsewhere").rename(home.folder)
    assert home.remove().publications == 1


def test_a_removal_touches_no_other_tenant(home: Home, four_turns: str) -> None:
    other = f"{home.tenant}-2"
    record = succeeded(home.sandbox.publish(short(four_turns, other[::-1]), "one", tenant=other))
    home.remove()
    again = succeeded(home.sandbox.publish(short(four_turns, other[::-1]), "one", tenant=other))
    assert {stage.status for stage in again.stages} == {"skipped"}
    assert again.audio.url == record.audio.url
    assert requests.get(str(record.audio.url), timeout=10).status_code == 200
