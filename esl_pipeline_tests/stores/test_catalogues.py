from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from esl_pipeline.manifests import SlugError
from esl_pipeline.stores.catalogues import Catalogue, CatalogueStore
from esl_pipeline.stores.document_catalogues import DocumentCatalogueStore
from esl_pipeline.stores.file_documents import FileDocuments


def catalogue(name: str = "Vera ☀", engine: str = "elevenlabs", endpoint: str = "https://one") -> Catalogue:
    voices = [{"voice_id": "v", "name": name, "labels": {"gender": "female"}}]
    return Catalogue(engine=engine, endpoint=endpoint, synced_at=datetime(2026, 11, 3, tzinfo=UTC), voices=voices)


def test_what_was_never_read_is_not_there(catalogues: CatalogueStore) -> None:
    assert catalogues.read_catalogue("school", "elevenlabs", "https://one") is None


def test_a_catalogue_is_read_back_and_the_newest_stays(catalogues: CatalogueStore) -> None:
    catalogues.write_catalogue("school", catalogue())
    assert catalogues.read_catalogue("school", "elevenlabs", "https://one") == catalogue()
    catalogues.write_catalogue("school", catalogue("Nadia"))
    assert catalogues.read_catalogue("school", "elevenlabs", "https://one") == catalogue("Nadia")


def test_tenants_engines_and_endpoints_are_apart(catalogues: CatalogueStore) -> None:
    accounts = [
        ("school", "elevenlabs", "https://one"),
        ("school", "elevenlabs", "https://two"),
        ("school", "My Own/Engine", "https://one"),
        ("school", "my own engine", "https://one"),
        ("other", "elevenlabs", "https://one"),
    ]
    for number, (tenant, engine, endpoint) in enumerate(accounts):
        catalogues.write_catalogue(tenant, catalogue(str(number), engine, endpoint))
    found = [catalogues.read_catalogue(*account) for account in accounts]
    assert [one.voices[0]["name"] for one in found if one] == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize("tenant", ["", "..", "../evil", "A"])
def test_a_tenant_that_is_no_slug_is_refused(catalogues: CatalogueStore, tenant: str) -> None:
    with pytest.raises(SlugError):
        catalogues.read_catalogue(tenant, "elevenlabs", "https://one")
    with pytest.raises(SlugError):
        catalogues.write_catalogue(tenant, catalogue())


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"engine": "elevenlabs"}', "\x00"])
def test_a_damaged_catalogue_counts_as_none_and_is_replaced(tmp_path: Path, content: str) -> None:
    catalogues = DocumentCatalogueStore(FileDocuments(tmp_path))
    catalogues.write_catalogue("school", catalogue())
    (path,) = (tmp_path / "catalogues" / "school").iterdir()
    assert path.name.startswith("elevenlabs-")
    path.write_text(content)
    assert catalogues.read_catalogue("school", "elevenlabs", "https://one") is None
    catalogues.write_catalogue("school", catalogue())
    assert catalogues.read_catalogue("school", "elevenlabs", "https://one") == catalogue()


def test_a_catalogue_of_another_account_is_not_taken_for_this_one(tmp_path: Path) -> None:
    catalogues = DocumentCatalogueStore(FileDocuments(tmp_path))
    catalogues.write_catalogue("school", catalogue())
    (path,) = (tmp_path / "catalogues" / "school").iterdir()
    path.write_text(path.read_text().replace("https://one", "https://two"))
    assert catalogues.read_catalogue("school", "elevenlabs", "https://one") is None


def test_a_tenants_catalogues_go_together_and_others_stay(catalogues: CatalogueStore) -> None:
    for tenant in ("school", "school-b"):
        catalogues.write_catalogue(tenant, catalogue())
        catalogues.write_catalogue(tenant, catalogue(engine="other"))
    catalogues.delete_catalogues("school")
    catalogues.delete_catalogues("school")
    assert catalogues.read_catalogue("school", "elevenlabs", "https://one") is None
    assert catalogues.read_catalogue("school", "other", "https://one") is None
    assert catalogues.read_catalogue("school-b", "other", "https://one") == catalogue(engine="other")
