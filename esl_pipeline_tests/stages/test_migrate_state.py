from __future__ import annotations

import subprocess
import sys
import time
import uuid
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from esl_pipeline.manifests import SlugError
from esl_pipeline.stages.migrate_state import Migrated, Place, TenantMigrated, migrate_state
from esl_pipeline.stores.artifact_files import FileArtifactStore
from esl_pipeline.stores.s3_artifacts import S3ArtifactStore
from esl_pipeline.stores.state import State, open_state
from esl_pipeline_tests.stages.migrated import (
    ARTIFACTS,
    ASSIGNMENTS,
    AT,
    TENANTS,
    content_of,
    fill,
    fill_artifacts,
    place,
    spent,
    told,
    write,
)

if TYPE_CHECKING:
    import sqlalchemy as sa

CEPH, POSTGRES = pytest.mark.xdist_group("ceph"), pytest.mark.xdist_group("postgres")


def of(migrated: Migrated, tenant: str = "school") -> TenantMigrated:
    return next(one for one in migrated.tenants if one.tenant == tenant)


def state_of(place: Place) -> State:
    assert place.state is not None
    return place.state


def counts(migrated: Migrated, tenant: str = "school") -> dict[str, tuple[int, int]]:
    return {kind: (one.moved, one.equal) for kind, one in of(migrated, tenant).moved.items()}


@pytest.fixture
def source(tmp_path: Path) -> Place:
    """Files with the things of two tenants."""
    made = place(tmp_path / "source")
    fill(state_of(made))
    fill_artifacts(FileArtifactStore(tmp_path / "source"))
    return made


@pytest.fixture
def target(tmp_path: Path) -> Place:
    """Files with nothing in them."""
    return place(tmp_path / "target")


def test_everything_is_moved_and_the_source_stays(source: Place, target: Place) -> None:
    before = content_of(source)
    migrated = migrate_state(source, target)
    assert migrated.problems == ()
    assert content_of(source) == before == content_of(target)
    assert [state_of(target).audit.verify(tenant) for tenant in TENANTS] == [4, 4]
    assert counts(migrated) == {
        "artifacts": (ARTIFACTS, 0),
        "publications": (len(ASSIGNMENTS), 0),
        "catalogues": (1, 0),
        "usage": (8, 0),
        "audit": (4, 0),
    }
    assert counts(migrated, "other")["standings"] == counts(migrated, "other")["requests"] == (1, 0)


def test_a_second_time_nothing_is_moved(source: Place, target: Place) -> None:
    migrate_state(source, target)
    again = migrate_state(source, target)
    assert {moved for one in again.tenants for moved in (kind.moved for kind in one.moved.values())} == {0}
    assert counts(again)["artifacts"] == (0, ARTIFACTS)
    assert (again.problems, of(again).kept) == ((), ())


def test_a_dry_run_tells_the_same_figures_and_changes_nothing(source: Place, target: Place, tmp_path: Path) -> None:
    before = sorted(str(path) for path in (tmp_path / "source").rglob("*"))
    would = migrate_state(source, target, dry_run=True)
    assert not (tmp_path / "target").exists()
    assert sorted(str(path) for path in (tmp_path / "source").rglob("*")) == before
    did = migrate_state(source, target)
    assert would.model_copy(update={"dry_run": False}) == did


def test_one_tenant_is_moved_alone(source: Place, target: Place) -> None:
    migrated = migrate_state(source, target, "school")
    assert [one.tenant for one in migrated.tenants] == ["school"]
    assert "audit/other" not in content_of(target)
    with pytest.raises(SlugError):
        migrate_state(source, target, "../other")


def test_what_came_to_the_source_since_is_moved_the_next_time(source: Place, target: Place) -> None:
    migrate_state(source, target)
    state = state_of(source)
    write(state, "school", "week-1", title="Edited", at=AT + timedelta(hours=1))
    write(state, "school", "week-9", title="New")
    state.usage.add("school", "2026-11", lambda _: [spent(9)])
    state.audit.append(told("school", 9))
    assert counts(migrate_state(source, target)) == {
        "artifacts": (0, ARTIFACTS),
        "publications": (2, len(ASSIGNMENTS) - 1),
        "catalogues": (0, 1),
        "usage": (1, 8),
        "audit": (1, 4),
    }
    assert content_of(source) == content_of(target)


def test_what_is_newer_in_the_target_stays_and_is_told(source: Place, target: Place) -> None:
    migrate_state(source, target)
    state = state_of(target)
    write(state, "school", "week-1", title="Newer", at=AT + timedelta(hours=1))
    state.usage.add("school", "2026-11", lambda _: [spent(9)])
    state.audit.append(told("school", 9))
    migrated = migrate_state(source, target)
    assert of(migrated).kept == ("week-1", "usage/school/2026-11", "audit/school")
    kept = state.publications.read("school", "week-1")
    assert kept is not None
    assert kept.title == "Newer"
    assert state.audit.verify("school") == 5


def test_account_books_and_chains_that_differ_are_not_mixed(source: Place, target: Place) -> None:
    state_of(target).usage.add("school", "2026-11", lambda _: [spent(77)])
    state_of(target).audit.append(told("school", 77))
    migrated = migrate_state(source, target)
    assert [problem.partition(": ")[0] for problem in of(migrated).problems] == ["usage/school/2026-11", "audit/school"]
    assert not of(migrated).retry
    assert len(state_of(target).usage.lines("school", "2026-11")) == 1
    assert counts(migrated)["publications"] == (len(ASSIGNMENTS), 0)


@pytest.mark.parametrize("side", ["source", "target"])
def test_an_assignment_that_a_run_works_on_is_refused_and_all_others_are_moved(
    source: Place, target: Place, side: str
) -> None:
    busy = state_of(source if side == "source" else target)
    with busy.publications.lease("school", "week-2"):
        migrated = migrate_state(source, target)
    assert [problem.partition(": ")[0] for problem in of(migrated).problems] == ["week-2"]
    assert of(migrated).retry
    assert counts(migrated)["publications"] == (len(ASSIGNMENTS) - 1, 0)
    assert state_of(target).publications.read("school", "week-2") is None
    assert migrate_state(source, target).problems == ()
    assert content_of(source) == content_of(target)


def test_a_run_that_changes_what_was_moved_already_is_told(source: Place, target: Place) -> None:
    state, read = state_of(source), state_of(source).journal.lines

    def lines(name: str) -> object:
        write(state, "school", "week-1", title="Edited meanwhile", at=AT + timedelta(hours=1))
        return read(name)

    state.journal.lines = lines  # type: ignore[assignment,method-assign]
    migrated = migrate_state(source, target, "school")
    assert len(of(migrated).problems) == 1
    assert "week-1: A run changed it" in of(migrated).problems[0]
    assert of(migrated).retry


def test_a_damaged_publication_and_a_damaged_artifact_stop_nothing_else(
    source: Place, target: Place, tmp_path: Path
) -> None:
    (tmp_path / "source" / "publications" / "school" / "week-3.json").write_text("{")
    wav = min((tmp_path / "source" / "artifacts" / "school").rglob("*.wav"))
    wav.write_bytes(b"damaged")
    problems = of(migrate_state(source, target)).problems
    assert len(problems) == 2
    assert wav.name in problems[0]
    assert "week-3.json is damaged" in problems[1]
    assert len(list(state_of(target).publications.list("school"))) == len(ASSIGNMENTS) - 1


def test_another_content_under_the_same_name_is_told_and_stays(source: Place, target: Place) -> None:
    assert source.artifacts is not None
    assert target.artifacts is not None
    one = next(source.artifacts.list("school"))
    target.artifacts.put("school", one.sha256, one.suffix, b"other")
    (problem,) = of(migrate_state(source, target)).problems
    assert "The target has 5 bytes of that name" in problem
    assert target.artifacts.get("school", one.sha256, one.suffix) == b"other"


@pytest.mark.parametrize("tenants", [0, 1])
def test_a_migration_that_is_killed_goes_on_where_it_was(
    source: Place, target: Place, tmp_path: Path, tenants: int
) -> None:
    folders = [str(tmp_path / name) for name in ("source", "target")]
    command = [sys.executable, "-m", "esl_pipeline_tests.stages.migrated", *folders]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as moving:
        assert moving.stdout is not None
        for _ in range(tenants):
            moving.stdout.readline()
        while not any((tmp_path / "target").rglob("*.wav")):
            time.sleep(0.001)
        moving.kill()
        moving.wait(10)
    assert content_of(target) != content_of(source)
    again = migrate_state(source, target)
    assert again.problems == ()
    assert content_of(source) == content_of(target)
    assert any(kind.equal for one in again.tenants for kind in one.moved.values())


@CEPH
def test_any_two_kinds_of_store(postgres: sa.Engine, ceph_server: object, tmp_path: Path) -> None:
    mark = uuid.uuid4().hex
    address = postgres.url.render_as_string(hide_password=False)

    def s3() -> object:
        return ceph_server

    def made(kind: str, pair: str) -> Place:
        folder, prefix = tmp_path / pair / kind, f"{mark}-{pair}-{kind}/"
        shared = {"files": None, "s3": "s3://state", "postgres": address}[kind]
        artifacts = S3ArtifactStore(ceph_server, "state", prefix) if kind == "s3" else FileArtifactStore(folder)  # type: ignore[arg-type]
        return Place(open_state(shared, folder, prefix, s3), artifacts)  # type: ignore[arg-type]

    for one, other in permutations(("files", "s3", "postgres"), 2):
        source, target = made(one, f"{one}-{other}"), made(other, f"{one}-{other}")
        fill(state_of(source))
        if isinstance(source.artifacts, FileArtifactStore):
            fill_artifacts(source.artifacts)
        assert source.artifacts is not None
        source.artifacts.put("school", "a" * 64, ".wav", b"sound")
        assert migrate_state(source, target).problems == ()
        assert content_of(source) == content_of(target)
        assert migrate_state(source, target).problems == ()
        assert state_of(target).audit.verify("school") == 4
