from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from esl_pipeline.clients import s3_client
from esl_pipeline.manifests import AskingError, SlugError
from esl_pipeline.stores.config import MAX_BYTES, ConfigText
from esl_pipeline_tests.settings_server import serving_settings
from esl_pipeline_tests.stores.conftest import SHARED_STORES
from esl_pipeline_tests.stores.places import FolderPlace, Place, S3Place, TablePlace, server_place, table_place

DOCUMENT = "schema_version: 2\nsettings: {audio: {album: Zoë’s English}}\n".encode()
NO_SLUGS = ["../school", "School", "a/b", "", "ſchool", "school.yaml", "школа", "school\n", "..", "a" * 64]


@pytest.fixture(params=["folder", "s3", "http", *SHARED_STORES])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """An empty place of settings."""
    prefix = f"{uuid.uuid4().hex}/"
    match request.param:
        case "folder":
            yield FolderPlace(tmp_path)
        case "s3":
            at = request.getfixturevalue("sandbox").at
            yield S3Place(s3_client(at.s3_url, key="any", secret="any"), at.bucket, prefix)
        case "ceph":
            yield S3Place(request.getfixturevalue("ceph_server"), "state", prefix)
        case "postgres":
            yield table_place(request.getfixturevalue("postgres"))
        case _:
            with serving_settings() as server:
                yield server_place(server)


def read(place: Place, tenant: str = "school", known: ConfigText | None = None) -> ConfigText:
    found = place.config.read(tenant, known)
    assert found is not None
    return found


def problem_of(place: Place) -> str:
    with pytest.raises(AskingError) as caught:
        place.config.read("school")
    (problem,) = caught.value.problems
    assert (problem.rule, problem.file[:7]) == ("M-FILE", "school.")
    return f"{problem.line}: {problem.message}"


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_a_document_is_read_as_it_was_written(place: Place, form: str) -> None:
    place.write("school", DOCUMENT, form)
    found = read(place)
    assert (found.text, found.file) == (DOCUMENT.decode(), f"school.{form}")
    assert found.version
    assert "English" not in repr(found)


def test_who_has_no_document_has_none_whoever_else_has_one(place: Place) -> None:
    assert place.config.read("school") is None
    place.write("school-2", DOCUMENT)
    place.write("schoo", DOCUMENT)
    assert place.config.read("school") is None
    assert read(place, "school-2").file == "school-2.yaml"


def test_a_document_that_is_taken_away_is_gone(place: Place) -> None:
    place.write("school", DOCUMENT)
    known = read(place)
    place.remove("school")
    assert place.config.read("school", known) is None


def test_a_version_is_of_exactly_one_content(place: Place) -> None:
    place.write("school", DOCUMENT)
    first = read(place)
    assert read(place).version == first.version
    place.write("school", DOCUMENT + b"# edited\n")
    edited = read(place, known=first)
    assert edited.version != first.version
    assert edited.text.endswith("# edited\n")
    place.write("school", DOCUMENT)
    assert read(place, known=edited) == first


def test_what_is_known_is_given_back_while_nothing_changes(place: Place) -> None:
    place.write("school", DOCUMENT)
    known = read(place)
    assert read(place, known=known) is known


def test_tenants_are_listed_by_name_without_what_is_no_slug(place: Place) -> None:
    assert list(place.config.tenants()) == []
    for name in ("school", "b-2", "a", "Not A Slug", "con"):
        place.write(name, DOCUMENT)
    place.write("b", DOCUMENT, "json")
    assert list(place.config.tenants()) == ["a", "b", "b-2", "school"]


@pytest.mark.parametrize("name", NO_SLUGS)
def test_no_name_leads_out_of_the_place(place: Place, name: str) -> None:
    with pytest.raises(SlugError):
        place.config.read(name)


def test_a_document_that_is_too_large_is_a_problem(place: Place) -> None:
    place.write("school", b"#" * (MAX_BYTES + 1))
    assert "more than 1,000,000 bytes" in problem_of(place)
    place.write("school", b"#" * MAX_BYTES)
    assert len(read(place).text) == MAX_BYTES


def test_a_document_that_is_not_utf_8_is_a_problem_with_its_line(place: Place) -> None:
    if isinstance(place, TablePlace):
        pytest.skip("a column of text takes nothing else")
    place.write("school", b"schema_version: 2\n# caf\xe9\n")
    assert problem_of(place) == "2: The file is not UTF-8."


@pytest.mark.parametrize("second", ["json", "yml"])
def test_two_files_of_one_tenant_are_a_problem_that_names_both(place: Place, second: str) -> None:
    if not isinstance(place, FolderPlace | S3Place):
        pytest.skip("there can be only one")
    place.write("school", DOCUMENT)
    place.write("school", DOCUMENT, second)
    place.write("other", DOCUMENT, second)
    names = " and ".join(sorted(["school.yaml", f"school.{second}"]))
    assert problem_of(place) == f"1: The tenant has more than one file: {names}."
    assert read(place, "other").file == f"other.{second}"
    assert list(place.config.tenants()) == ["other", "school"]


def test_only_files_beside_each_other_are_read(place: Place) -> None:
    if isinstance(place, FolderPlace):
        (place.folder / "deeper").mkdir()
        (place.folder / "school.yaml").mkdir()
    if isinstance(place, FolderPlace | S3Place):
        place.write("deeper/other", DOCUMENT)
        place.write("school", DOCUMENT, "txt")
    assert (place.config.read("school"), list(place.config.tenants())) == (None, [])
