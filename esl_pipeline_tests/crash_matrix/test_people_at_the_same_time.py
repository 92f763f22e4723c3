"""People who work on a page while a new version of its lesson is being written."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

from esl_pipeline.sandbox.fault_rules import FaultRule
from esl_pipeline_tests.crash_matrix.page_state import block_ids, texts_of
from esl_pipeline_tests.crash_matrix.scenes import Kind, Scene, Stand, stand_of
from esl_pipeline_tests.sandboxed import Sandboxed, flat

WRITES = range(1, 13)
"""An edited lesson makes at least so many writes."""


@dataclass
class Meanwhile(HTTPAdapter):
    """Lets somebody do something just before the ``nth`` write to blocks is sent."""

    nth: int
    does: Callable[[str, str, dict[str, Any]], None]
    seen: int = field(default=0)

    def __post_init__(self) -> None:
        super().__init__()

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        path = (request.path_url or "").split("/")
        if request.method in ("PATCH", "DELETE") and path[2] == "blocks":
            self.seen += 1
            if self.seen == self.nth:
                self.does(request.method, path[3], json.loads(request.body or b"{}"))
        return super().send(request, *args, **kwargs)


class Death(BaseException):
    """Ends a run as a killed process would."""


class DiesAfter(HTTPAdapter):
    """Lets a write to a path happen, and never tells of it."""

    def __init__(self, method: str, path: str) -> None:
        super().__init__()
        self._method, self._path = method, path

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        answer = super().send(request, *args, **kwargs)
        if request.method == self._method and re.search(self._path, request.path_url):
            answer.close()
            self.close()
            raise Death
        return answer


def neighbour(block_id: str, body: dict[str, Any]) -> str:
    """Returns the block that a write needs: the one it follows, else the one it is made to."""
    after: str = body.get("position", {}).get("after_block", {}).get("id", block_id)
    return after


def lesson_texts(scene: Scene) -> Counter[str]:
    return Counter(text for text, _ in texts_of(scene.peaceful.blocks) if text)


def page_texts(stand: Stand) -> Counter[str]:
    return Counter(text for text, _ in texts_of(stand.state(frozenset()).blocks) if text)


def page_id(sandbox: Sandboxed) -> str:
    found: str = sandbox.pages("school/lesson")[0]["id"]
    return found


@pytest.mark.parametrize("nth", WRITES)
def test_a_block_that_is_deleted_just_before_it_is_needed_comes_back(scenes: dict[str, Scene], nth: int) -> None:
    scene = scenes["edited"]
    with stand_of(scene.folder) as stand:
        gone: list[str] = []

        def delete(method: str, block_id: str, body: dict[str, Any]) -> None:
            block = stand.sandbox.notion("GET", f"blocks/{neighbour(block_id, body)}")
            if block["type"] == "child_page":
                return
            mine = [tree for tree in flat(stand.sandbox.tree(page_id(stand.sandbox))) if tree.id == block["id"]]
            gone.extend(text for tree in mine for text in (tree.text, *(child.text for child in flat(tree.children))))
            stand.sandbox.edit(delete=block["id"])

        record = stand.publish(adapter=Meanwhile(nth, delete))
        assert record.status == "succeeded", record.model_dump_json(indent=2)
        missing = lesson_texts(scene) - page_texts(stand)
        added_by_people = {text for text in gone if "answer" in text or "note" in text or "I don't think" in text}
        assert set(missing) <= added_by_people
        assert not page_texts(stand) - lesson_texts(scene) - Counter(gone)


@pytest.mark.parametrize("nth", WRITES)
def test_an_edit_that_a_conflict_tells_of_is_kept(scenes: dict[str, Scene], nth: int) -> None:
    scene = scenes["edited"]
    with stand_of(scene.folder) as stand:
        written: list[str] = []

        def write(method: str, block_id: str, body: dict[str, Any]) -> None:
            stand.running.controls.faults.add([FaultRule(vendor="notion", kind="409", method=method)])
            block = stand.sandbox.notion("GET", f"blocks/{neighbour(block_id, body)}")
            if "rich_text" in block[block["type"]]:
                text = [{"type": "text", "text": {"content": f"Written at the same time, {nth}."}}]
                stand.sandbox.edit(block_id=block["id"], body={block["type"]: {"rich_text": text}})
                written.append(text[0]["text"]["content"])  # type: ignore[index]

        record = stand.publish(adapter=Meanwhile(nth, write))
        assert record.status == "succeeded", record.model_dump_json(indent=2)
        assert [page_texts(stand)[text] for text in written] == [1] * len(written)
        assert stand.state(scene.known_ids).pages == 1


@pytest.mark.parametrize(
    ("kind", "method", "path"), [("first", "POST", "/pages$"), ("edited", "PATCH", "/blocks/[^/]+/children$")]
)
def test_what_a_person_edits_before_a_dead_run_is_repeated_is_not_written_twice(
    scenes: dict[str, Scene], kind: Kind, method: str, path: str
) -> None:
    scene = scenes[kind]
    with stand_of(scene.folder) as stand:
        with pytest.raises(Death):
            stand.publish(adapter=DiesAfter(method, path))
        new = {block_id for block_id in block_ids(stand.home / "sandbox") if block_id not in scene.known_ids}
        blocks = [block for block in flat(stand.sandbox.tree(page_id(stand.sandbox))) if block.id in new]
        first = next(block for block in blocks if block.type == "paragraph")
        text = [{"type": "text", "text": {"content": "All mine."}}]
        stand.sandbox.edit(block_id=first.id, body={"paragraph": {"rich_text": text}})
        record = stand.publish()
        assert record.status == "succeeded", record.model_dump_json(indent=2)
        assert page_texts(stand) == lesson_texts(scene) - Counter([first.text]) + Counter(["All mine."])
