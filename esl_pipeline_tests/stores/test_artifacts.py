from __future__ import annotations

import hashlib
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from esl_pipeline.manifests import SlugError
from esl_pipeline.stores.protocols import ArtifactStore

SHA = hashlib.sha256(b"request").hexdigest()
NO_NAMES = [
    ("", ".wav"),
    ("..", ".wav"),
    (SHA[:-1], ".wav"),
    (SHA.upper(), ".wav"),
    (f"../{SHA[3:]}", ".wav"),
    (f"{SHA}\n", ".wav"),
    (SHA, ""),
    (SHA, "wav"),
    (SHA, "."),
    (SHA, ".."),
    (SHA, "/../x"),
    (SHA, ".wav/x"),
    (SHA, ".WAV"),
    (SHA, ".wav\n"),
]


def test_what_was_not_stored_is_not_there(artifacts: ArtifactStore) -> None:
    assert not artifacts.has("school", SHA, ".wav")
    with pytest.raises(KeyError):
        artifacts.get("school", SHA, ".wav")


@pytest.mark.parametrize("content", [b"", b"sound", bytes(range(256)) * 4096], ids=["empty", "short", "a megabyte"])
def test_an_artifact_is_read_as_it_was_stored(artifacts: ArtifactStore, content: bytes) -> None:
    artifacts.put("school", SHA, ".wav", content)
    assert artifacts.has("school", SHA, ".wav")
    assert artifacts.get("school", SHA, ".wav") == content


def test_the_first_content_stays(artifacts: ArtifactStore) -> None:
    first = artifacts.put("school", SHA, ".wav", b"bought")
    second = artifacts.put("school", SHA, ".wav", b"bought again")
    assert artifacts.get("school", SHA, ".wav") == b"bought"
    assert str(first) == str(second) == artifacts.locate("school", SHA, ".wav")


def test_tenants_and_kinds_are_apart(artifacts: ArtifactStore) -> None:
    artifacts.put("school", SHA, ".wav", b"1")
    assert not artifacts.has("other", SHA, ".wav")
    assert not artifacts.has("school", SHA, ".mp3")
    artifacts.put("other", SHA, ".wav", b"2")
    artifacts.put("school", SHA, ".manifest.json", b"3")
    assert artifacts.get("school", SHA, ".wav") == b"1"
    assert artifacts.get("other", SHA, ".wav") == b"2"
    assert artifacts.get("school", SHA, ".manifest.json") == b"3"


def test_writers_that_race_leave_one_whole_content(artifacts: ArtifactStore) -> None:
    contents = [bytes([n]) * 100_000 for n in range(16)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda content: artifacts.put("school", SHA, ".wav", content), contents))
    assert artifacts.get("school", SHA, ".wav") in contents
    assert artifacts.get("school", SHA, ".wav") == artifacts.get("school", SHA, ".wav")


@pytest.mark.parametrize(("sha256", "suffix"), NO_NAMES)
def test_names_that_are_none_are_refused(artifacts: ArtifactStore, sha256: str, suffix: str) -> None:
    for ask in (artifacts.has, artifacts.get, artifacts.locate):
        with pytest.raises(ValueError, match="no artifact's name"):
            ask("school", sha256, suffix)
    with pytest.raises(ValueError, match="no artifact's name"):
        artifacts.put("school", sha256, suffix, b"x")


@pytest.mark.parametrize("tenant", ["", "..", "../evil", "a/b", "A", "a\n"])
def test_tenants_that_are_no_slugs_are_refused(artifacts: ArtifactStore, tenant: str) -> None:
    for ask in (artifacts.has, artifacts.get, artifacts.locate):
        with pytest.raises(SlugError):
            ask(tenant, SHA, ".wav")
    with pytest.raises(SlugError):
        artifacts.put(tenant, SHA, ".wav", b"x")


CONTENT = bytes(range(256)) * 20_000
OWN = hashlib.sha256(CONTENT).hexdigest()
LATER = datetime.now(UTC) + timedelta(days=1)
EARLIER = datetime.now(UTC) - timedelta(days=1)


def test_a_file_is_stored_under_its_own_hash_and_read_in_any_order(artifacts: ArtifactStore) -> None:
    file = io.BytesIO(CONTENT)
    file.seek(7)
    artifacts.put_file("school", OWN, ".mp3", file)
    assert artifacts.get("school", OWN, ".mp3") == CONTENT
    with artifacts.open("school", OWN, ".mp3") as stored:
        stored.seek(-5, io.SEEK_END)
        assert stored.read() == CONTENT[-5:]
        stored.seek(0)
        assert stored.read(3) == CONTENT[:3]


def test_a_file_of_another_hash_is_not_stored(artifacts: ArtifactStore) -> None:
    with pytest.raises(ValueError, match="has the hash"):
        artifacts.put_file("school", SHA, ".mp3", io.BytesIO(CONTENT))
    assert not artifacts.has("school", SHA, ".mp3")
    assert list(artifacts.list("school")) == []


def test_what_is_not_stored_can_not_be_opened(artifacts: ArtifactStore) -> None:
    with pytest.raises(KeyError):
        artifacts.open("school", SHA, ".mp3")


def test_a_tenants_artifacts_are_listed_with_their_sizes(artifacts: ArtifactStore) -> None:
    artifacts.put("school", SHA, ".wav", b"12345")
    artifacts.put("school", SHA, ".timings.json", b"{}")
    artifacts.put("other", OWN, ".wav", b"1")
    found = {(one.sha256, one.suffix): one.size for one in artifacts.list("school")}
    assert found == {(SHA, ".wav"): 5, (SHA, ".timings.json"): 2}
    assert all(EARLIER < one.used_at < LATER for one in artifacts.list("school"))
    assert list(artifacts.tenants()) == ["other", "school"]


def test_an_artifact_is_deleted_for_one_tenant_and_can_be_stored_again(artifacts: ArtifactStore) -> None:
    for tenant in ("school", "other"):
        artifacts.put(tenant, SHA, ".wav", b"sound")
    assert artifacts.delete("school", SHA, ".wav", unused_since=LATER)
    assert not artifacts.delete("school", SHA, ".wav", unused_since=LATER)
    assert not artifacts.has("school", SHA, ".wav")
    assert artifacts.has("other", SHA, ".wav")
    artifacts.put("school", SHA, ".wav", b"made again")
    assert artifacts.get("school", SHA, ".wav") == b"made again"


def test_an_artifact_that_was_stored_since_is_not_deleted(artifacts: ArtifactStore) -> None:
    artifacts.put("school", SHA, ".wav", b"sound")
    assert not artifacts.delete("school", SHA, ".wav", unused_since=EARLIER)
    assert artifacts.get("school", SHA, ".wav") == b"sound"
