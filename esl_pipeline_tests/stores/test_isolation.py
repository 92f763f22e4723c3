"""Names that would lead out of a tenant's place, on every implementation of the stores."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from esl_pipeline.stores.audit import AuditEntry
from esl_pipeline.stores.catalogues import Catalogue, CatalogueStore
from esl_pipeline.stores.documents import Documents
from esl_pipeline.stores.journal import Journal
from esl_pipeline.stores.journal_audit import JournalAuditLog
from esl_pipeline.stores.protocols import ArtifactStore, PublicationStore
from esl_pipeline.stores.secrets import TenantSecrets
from esl_pipeline.stores.secrets_environment import EnvironmentSecrets
from esl_pipeline.stores.secrets_files import FileSecrets
from esl_pipeline.stores.standing import Standing, StandingStore
from esl_pipeline.stores.usage import UsageStore

TRAVERSAL = [
    "",
    ".",
    "..",
    "../b",
    "a/../b",
    "a/b",
    "/a",
    "a\\b",
    "..\\b",
    "%2e%2e",
    "a%2fb",
    "~",
    "a\x00",
    "a\n",
    "\na",
]
CASES = ["A", "School", "sCHOOL"]
LOOK_ALIKES = [
    "ѕchool",
    "schооl",
    "ｓchool",
    "ſchool",
    "school\u200b",
    "scho\u0301ol",
    "𝐬chool",
    "ß",
    "٣",
    "school\u202e",
]
RESERVED = [
    "con",
    "nul",
    "aux",
    "prn",
    "com1",
    "lpt9",
    "_",
    "-",
    "-a",
    "a.b",
    ".hidden",
    "a:b",
    "a|b",
    "a,b",
    "*",
    "a b",
]
HOSTILE = [*TRAVERSAL, *CASES, *LOOK_ALIKES, *RESERVED, "x" * 64]
HARMLESS = [
    "sandbox",
    "live",
    "state",
    "locks",
    "artifacts",
    "publications",
    "usage",
    "audit",
    "tenants",
    "0",
    "a-b",
    "a--b",
]
"""Slugs that are also names of our own folders."""
SHA256 = "ab" * 32
AT = datetime(2026, 11, 25, tzinfo=UTC)


def catalogue(engine: str) -> Catalogue:
    return Catalogue(engine=engine, endpoint="e", synced_at=AT, voices=[])


def entry(tenant: str) -> AuditEntry:
    return AuditEntry(number=0, at=AT, tenant=tenant, actor="shell:ann", action="tenant.add", outcome="done")


def refused(acts: Iterable[Callable[[], object]]) -> None:
    """Asserts that each act is refused for its name, before anything is asked for."""
    for number, act in enumerate(acts):
        with pytest.raises(ValueError, match=r"can't be|is no|has "):
            pytest.fail(f"act {number} gave {act()!r}")


def test_no_publication_has_a_hostile_name(publications: PublicationStore) -> None:
    for name in HOSTILE:
        for tenant, assignment in ((name, "a"), ("a", name)):
            refused(
                (
                    partial(publications.read, tenant, assignment),
                    partial(publications.update, tenant, assignment, lambda _: None),
                    publications.lease(tenant, assignment).__enter__,
                    partial(publications.delete, tenant, assignment),
                )
            )
        refused([lambda: list(publications.list(name))])  # noqa: B023 it is called at once


def test_no_artifact_has_a_hostile_owner_or_name(artifacts: ArtifactStore) -> None:
    for name in HOSTILE:
        refused(
            (
                partial(artifacts.put, name, SHA256, ".wav", b"x"),
                partial(artifacts.has, name, SHA256, ".wav"),
                partial(artifacts.get, name, SHA256, ".wav"),
                partial(artifacts.open, name, SHA256, ".wav"),
                partial(artifacts.locate, name, SHA256, ".wav"),
                lambda: list(artifacts.list(name)),  # noqa: B023 it is called at once
                partial(artifacts.delete, name, SHA256, ".wav", unused_since=AT),
                partial(artifacts.put, "a", name, ".wav", b"x"),
                partial(artifacts.get, "a", f"../{name}/{SHA256}", ".wav"),
                partial(artifacts.get, "a", SHA256, f"/../{name}"),
            )
        )


def test_no_book_chain_catalogue_or_standing_has_a_hostile_owner(
    documents: Documents, journal: Journal, usage: UsageStore, catalogues: CatalogueStore
) -> None:
    log, standings = JournalAuditLog(journal), StandingStore(documents)
    for name in HOSTILE:
        refused(
            (
                partial(usage.lines, name, "2026-11"),
                partial(usage.add, name, "2026-11", lambda _: []),
                partial(usage.lines, "a", f"../{name}/2026-11"),
                partial(usage.delete, name),
                partial(catalogues.read_catalogue, name, "e", "e"),
                partial(catalogues.write_catalogue, name, catalogue("e")),
                partial(catalogues.delete_catalogues, name),
                partial(log.append, entry(name)),
                lambda: list(log.entries(name)),  # noqa: B023 it is called at once
                partial(log.delete, name),
                partial(standings.read, name),
                partial(standings.change, name, lambda _: Standing()),
                partial(standings.delete, name),
            )
        )


def test_tenants_with_the_names_of_our_folders_are_tenants_like_others(
    publications: PublicationStore, artifacts: ArtifactStore
) -> None:
    for name in HARMLESS:
        publications.update(name, name, lambda _: None)
        artifacts.put(name, SHA256, ".wav", name.encode())
    assert [one.tenant for one in publications.list()] == sorted(HARMLESS)
    assert {name: artifacts.get(name, SHA256, ".wav") for name in HARMLESS} == {n: n.encode() for n in HARMLESS}
    for name in HARMLESS:
        assert [one.assignment for one in publications.list(name)] == [name]


def test_an_engines_name_leads_a_catalogue_nowhere(catalogues: CatalogueStore) -> None:
    for engine in ("../../b", "/etc/passwd", "a/b", "..", "é"):
        catalogues.write_catalogue("a", catalogue(engine))
        assert catalogues.read_catalogue("b", engine, "e") is None
        found = catalogues.read_catalogue("a", engine, "e")
        assert found is not None
        assert found.engine == engine


def test_a_tenant_that_begins_like_another_owns_nothing_of_it(
    publications: PublicationStore, artifacts: ArtifactStore, usage: UsageStore, catalogues: CatalogueStore
) -> None:
    for tenant in ("a", "a-b", "ab"):
        publications.update(tenant, "one", lambda _: None)
        artifacts.put(tenant, SHA256, ".wav", b"x")
        catalogues.write_catalogue(tenant, catalogue("e"))
    publications.delete("a", "one")
    usage.delete("a")
    catalogues.delete_catalogues("a")
    artifacts.delete("a", SHA256, ".wav", unused_since=datetime(2100, 1, 1, tzinfo=UTC))
    assert [one.tenant for one in publications.list()] == ["a-b", "ab"]
    for tenant in ("a-b", "ab"):
        assert artifacts.has(tenant, SHA256, ".wav")
        assert catalogues.read_catalogue(tenant, "e", "e")
    assert not artifacts.has("a", SHA256, ".wav")
    assert catalogues.read_catalogue("a", "e", "e") is None


SECRET_NAMES = [
    "B__TOKEN",
    "../b/TOKEN",
    "TOKEN/../../b/TOKEN",
    "b/TOKEN",
    "TOKEN\x00",
    "_B__TOKEN",
    "TOKEN\n",
    "PATH ",
    "",
]


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_no_name_of_a_secret_reaches_into_another_tenants(tmp_path: Path, name: str) -> None:
    variables = {"ESL_TENANT_A__B__TOKEN": "of a--b", "ESL_TENANT_B__TOKEN": "of b", "TOKEN": "installation's"}
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "TOKEN").write_text("of b")
    for source in (EnvironmentSecrets(variables), FileSecrets(tmp_path)):
        with pytest.raises(Exception, match="can't be the name of a secret"):
            TenantSecrets(source).get("a", name, shared=True)


def test_a_tenants_own_choice_of_a_name_never_gives_the_installations_secret(tmp_path: Path) -> None:
    (tmp_path / "AWS_SECRET_ACCESS_KEY").write_text("installation's")
    for source in (EnvironmentSecrets({"AWS_SECRET_ACCESS_KEY": "installation's"}), FileSecrets(tmp_path)):
        assert TenantSecrets(source).get("a", "AWS_SECRET_ACCESS_KEY", shared=False) is None


def test_tenants_whose_names_differ_by_hyphens_have_variables_of_their_own() -> None:
    tenants = ["a", "a-", "a--", "a-b", "a--b", "ab", "a-b-"]
    variables = {}
    for tenant in tenants:
        variables[EnvironmentSecrets({}).place(tenant, "B_TOKEN")] = tenant
    assert len(variables) == len(tenants)
    secrets = TenantSecrets(EnvironmentSecrets(variables))
    for tenant in tenants:
        found = secrets.get(tenant, "B_TOKEN", shared=False)
        assert found is not None
        assert found.get_secret_value() == tenant


def test_an_id_is_not_found_in_another_tenants_chain(journal: Journal) -> None:
    log, told = JournalAuditLog(journal), uuid.uuid4().hex
    for tenant in ("a", "b"):
        log.append(entry(tenant).model_copy(update={"id": told}))
    assert [len(list(log.entries(tenant))) for tenant in ("a", "b")] == [1, 1]
