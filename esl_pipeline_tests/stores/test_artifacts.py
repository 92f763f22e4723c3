from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor

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
