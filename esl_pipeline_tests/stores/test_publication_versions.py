from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from esl_pipeline.stores.document_publications import DocumentPublicationStore
from esl_pipeline.stores.files import FilePublicationStore
from esl_pipeline.stores.memory_documents import MemoryDocuments
from esl_pipeline.stores.publication import Publication, UnreadablePublicationError, read_publication
from esl_pipeline.stores.publication_versions import SCHEMA_VERSION, STEPS, NewerPublicationError, update_publication

STORED = Path(__file__).parent / "stored"
"""Publications as each older version of the program left them, by the version in their names."""
KEY = "publications/school/week-1.json"


def stored(version: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((STORED / f"publication-{version}.json").read_text("utf-8"))
    return found


def mark_all(part: object, mark: str = "unknown to us") -> object:
    """Puts a field that no version knows into every object, but not into free-form ones."""
    if isinstance(part, list):
        return [mark_all(one, mark) for one in part]
    if not isinstance(part, dict):
        return part
    marked = {
        name: value if name in ("metrics", "error", "problems", "head_sha256") else mark_all(value, mark)
        for name, value in part.items()
    }
    return marked if set(part) & {"validated_manifest"} else marked | {"from_the_future": mark}


def test_every_older_version_has_a_step_and_a_real_publication() -> None:
    versions = list(range(1, SCHEMA_VERSION))
    assert sorted(STEPS) == versions
    assert sorted(path.name for path in STORED.iterdir()) == [f"publication-{version}.json" for version in versions]
    assert [stored(version)["schema_version"] for version in versions] == versions


@pytest.mark.parametrize("version", sorted(STEPS))
def test_a_publication_of_an_older_version_is_read_whole(version: int) -> None:
    old = stored(version)
    found = read_publication(json.dumps(old).encode(), "school", "week-1", "here")
    assert found.schema_version == SCHEMA_VERSION
    kept = found.model_dump(mode="json")

    def assert_kept(before: object, after: object, where: str) -> None:
        if isinstance(before, dict):
            assert isinstance(after, dict), where
            for name, value in before.items():
                assert_kept(value, after[name], f"{where}.{name}")
        elif isinstance(before, list):
            assert isinstance(after, list), where
            assert len(before) == len(after), where
            for number, (one, other) in enumerate(zip(before, after, strict=True)):
                assert_kept(one, other, f"{where}[{number}]")
        elif where != ".schema_version":
            assert before == after, where

    assert_kept(old, kept, "")


def test_a_segment_of_version_1_is_the_whole_audio_of_a_turn() -> None:
    found = read_publication(json.dumps(stored(1)).encode(), "school", "week-1", "here")
    assert found.speech is not None
    assert found.speech.engine == "elevenlabs"
    assert [(one.begin, one.pause_after) for one in found.speech.segments] == [(0, "turn")] * 4
    assert found.speech.cast == []


def test_a_publication_without_speech_is_brought_up_to_date() -> None:
    old = {"schema_version": 1, "tenant": "school", "assignment": "week-1", "speech": None}
    assert update_publication(old) == old | {"schema_version": SCHEMA_VERSION}
    assert old["schema_version"] == 1


def test_what_was_written_before_with_newer_fields_keeps_them() -> None:
    old = stored(1)
    old["speech"] |= {"engine": "openai", "model": "tts-1"}
    old["speech"]["segments"][0] |= {"begin": 7, "pause_after": "sentence"}
    found = update_publication(old)
    assert found["speech"]["engine"] == "openai"
    assert (found["speech"]["segments"][0]["begin"], found["speech"]["segments"][0]["pause_after"]) == (7, "sentence")


@pytest.mark.parametrize("version", [*STEPS, SCHEMA_VERSION])
def test_fields_that_no_version_knows_are_kept_at_every_level(version: int, tmp_path: Path) -> None:
    old = stored(1) if version == 1 else update_publication(stored(1))
    path = tmp_path / KEY
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(mark_all(old)))
    expected = path.read_text().count("from_the_future")
    assert expected > 50
    store = FilePublicationStore(tmp_path)

    def change(publication: Publication) -> None:
        publication.title = "changed"

    store.update("school", "week-1", change)
    written = path.read_text()
    assert json.loads(written)["schema_version"] == SCHEMA_VERSION
    assert json.loads(written)["title"] == "changed"
    assert written.count("from_the_future") == expected


def test_a_newer_publication_in_a_shared_store_is_refused_and_not_touched() -> None:
    documents = MemoryDocuments()
    newer = json.dumps(stored(1) | {"schema_version": SCHEMA_VERSION + 1, "stages": "quite different"}).encode()
    documents.put(KEY, newer, expected=None)
    store = DocumentPublicationStore(documents)
    said = f"is of version {SCHEMA_VERSION + 1}; this program knows version {SCHEMA_VERSION}. Update the program"
    with pytest.raises(UnreadablePublicationError, match=said):
        store.read("school", "week-1")
    with pytest.raises(UnreadablePublicationError, match=said):
        store.update("school", "week-1", lambda _: None)
    with pytest.raises(UnreadablePublicationError, match=said), store.lease("school", "week-1"):
        pass
    found = documents.get(KEY)
    assert found is not None
    assert found.content == newer
    assert list(documents.keys("leases/")) == []


@pytest.mark.parametrize("document", [None, [], "x", {}, {"schema_version": "1"}, {"schema_version": 0}])
def test_what_is_no_publication_is_no_version(document: object) -> None:
    with pytest.raises(ValueError, match="no "):
        update_publication(document)


def test_a_newer_version_is_told_from_a_damaged_one() -> None:
    with pytest.raises(NewerPublicationError, match=f"version 99; this program knows version {SCHEMA_VERSION}"):
        update_publication({"schema_version": 99})


@pytest.mark.parametrize("speech", ["x", {}, {"segments": 1}, {"segments": [1]}, {"segments": None}])
def test_a_damaged_publication_of_an_older_version_is_told_as_damaged(speech: object) -> None:
    content = json.dumps(stored(1) | {"speech": speech}).encode()
    with pytest.raises(UnreadablePublicationError, match="here is damaged"):
        read_publication(content, "school", "week-1", "here")
