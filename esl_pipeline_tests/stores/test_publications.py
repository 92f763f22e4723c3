from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from esl_pipeline.manifests import SlugError
from esl_pipeline.stores.ledger import Ledger
from esl_pipeline.stores.protocols import LeaseHeldError, PublicationStore
from esl_pipeline.stores.publication import PagePublication, Publication, WrittenBlock

NO_SLUGS = ["", "..", "../evil", "a/b", "/etc", "A", "a b", "a.b", "a\x00", "a" * 64, "-a"]


def titled(title: str, store: PublicationStore, assignment: str = "week-1", tenant: str = "school") -> Publication:
    def change(publication: Publication) -> None:
        publication.title = title

    return store.update(tenant, assignment, change)


def test_what_was_never_asked_for_is_not_there(publications: PublicationStore) -> None:
    assert publications.read("school", "week-1") is None
    assert list(publications.list()) == []


def test_a_change_is_read_back(publications: PublicationStore) -> None:
    assert titled("Hello ☀", publications).title == "Hello ☀"
    found = publications.read("school", "week-1")
    assert found is not None
    assert (found.tenant, found.assignment, found.title) == ("school", "week-1", "Hello ☀")


def test_a_change_keeps_what_others_wrote(publications: PublicationStore) -> None:
    page = PagePublication(
        intended_at=datetime(2026, 1, 2, tzinfo=UTC),
        key="school/week-1",
        data_source_id="ds",
        blocks=[WrittenBlock(type="toggle", sha256="0", children=[WrittenBlock(id="b", type="quote", sha256="1")])],
    )

    def add_page(publication: Publication) -> None:
        publication.page = page

    publications.update("school", "week-1", add_page)
    titled("later", publications)
    found = publications.read("school", "week-1")
    assert found is not None
    assert found.page == page
    assert found.title == "later"


def test_what_is_read_is_a_copy(publications: PublicationStore) -> None:
    titled("one", publications).title = "two"
    found = publications.read("school", "week-1")
    assert found is not None
    found.title = "three"
    again = publications.read("school", "week-1")
    assert again is not None
    assert again.title == "one"


def test_a_change_that_fails_leaves_all_as_it_was(publications: PublicationStore) -> None:
    titled("one", publications)

    def change(publication: Publication) -> None:
        publication.title = "two"
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        publications.update("school", "week-1", change)
    with pytest.raises(RuntimeError):
        publications.update("school", "week-2", change)
    found = publications.read("school", "week-1")
    assert found is not None
    assert found.title == "one"
    assert publications.read("school", "week-2") is None
    assert titled("three", publications).title == "three"


def test_threads_that_race_lose_no_update(publications: PublicationStore) -> None:
    def count(_: int) -> None:
        def change(publication: Publication) -> None:
            publication.title = str(int(publication.title or 0) + 1)

        publications.update("school", "week-1", change)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count, range(64)))
    found = publications.read("school", "week-1")
    assert found is not None
    assert found.title == "64"


def test_publications_are_listed_by_tenant_and_assignment(publications: PublicationStore) -> None:
    for tenant, assignment in (("b", "a"), ("a", "c"), ("a-b", "a"), ("a", "b")):
        titled("x", publications, assignment, tenant)
    keys = [(found.tenant, found.assignment) for found in publications.list()]
    assert keys == [("a", "b"), ("a", "c"), ("a-b", "a"), ("b", "a")]
    assert [found.assignment for found in publications.list("a")] == ["b", "c"]
    assert list(publications.list("nobody")) == []


def test_fields_of_a_newer_version_are_kept(publications: PublicationStore) -> None:
    newer = {"tenant": "school", "assignment": "week-1", "video": {"id": "v"}}
    block = {"type": "quote", "sha256": "0", "emotion": "joy"}
    page = {
        "intended_at": "2026-01-02T00:00:00Z",
        "key": "k",
        "data_source_id": "d",
        "blocks": [block],
        "theme": "dark",
    }

    def change(publication: Publication) -> None:
        written = Publication.model_validate(newer | {"page": page})
        publication.page = written.page
        publication.__pydantic_extra__ = written.__pydantic_extra__

    publications.update("school", "week-1", change)
    titled("older program", publications)
    found = publications.read("school", "week-1")
    assert found is not None
    kept = found.model_dump(mode="json")
    assert kept["video"] == {"id": "v"}
    assert kept["page"]["theme"] == "dark"
    assert kept["page"]["blocks"][0]["emotion"] == "joy"


def test_an_assignment_is_held_by_one(publications: PublicationStore) -> None:
    with publications.lease("school", "week-1"):
        with (
            pytest.raises(LeaseHeldError, match="Another run works on school/week-1"),
            publications.lease("school", "week-1"),
        ):
            pass
        with publications.lease("school", "week-2"), publications.lease("other", "week-1"):
            pass
        assert titled("held ones can be changed", publications).title
    with publications.lease("school", "week-1"):
        pass


def test_a_lease_is_freed_when_its_work_fails(publications: PublicationStore) -> None:
    with pytest.raises(RuntimeError), publications.lease("school", "week-1"):
        raise RuntimeError("no")
    with publications.lease("school", "week-1"):
        pass


def test_a_lease_can_be_freed_by_another_thread_than_took_it(publications: PublicationStore) -> None:
    lease = publications.lease("school", "week-1")
    lease.__enter__()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lease.__exit__, None, None, None).result()
    with publications.lease("school", "week-1"):
        pass


@pytest.mark.parametrize("name", NO_SLUGS)
def test_names_that_are_no_slugs_are_refused(publications: PublicationStore, name: str) -> None:
    for tenant, assignment in ((name, "week-1"), ("school", name)):
        with pytest.raises(SlugError):
            publications.read(tenant, assignment)
        with pytest.raises(SlugError):
            titled("x", publications, assignment, tenant)
        with pytest.raises(SlugError), publications.lease(tenant, assignment):
            pass
    with pytest.raises(SlugError):
        list(publications.list(name))
    assert list(publications.list()) == []


def test_a_ledger_reads_an_empty_publication_before_the_first_write(publications: PublicationStore) -> None:
    ledger = Ledger(publications, "school", "week-1")
    assert ledger.read() == Publication(tenant="school", assignment="week-1")
    assert publications.read("school", "week-1") is None

    def change(publication: Publication) -> None:
        publication.title = "x"

    ledger.update(change)
    assert ledger.read().title == "x"
