from __future__ import annotations

import copy
from collections.abc import Sequence

from hypothesis import HealthCheck, currently_in_test_context, given, note, settings
from hypothesis import strategies as st

from esl_pipeline.pages.block_map import ActualBlock, MapEntry, intended_entry
from esl_pipeline.pages.fingerprint import fingerprint_node
from esl_pipeline.pages.nodes import BlockNode
from esl_pipeline.pages.operations import KeptEdit, Reconciliation
from esl_pipeline.pages.reconcile import CONFLICT, REMOVED, reconcile
from esl_pipeline_tests.pages.page_model import Block, Page
from esl_pipeline_tests.pages.trees import Nodes, changed, edit, lessons, rich, table, textual

many = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def published(lesson: Nodes, *, learns: bool) -> tuple[Page, list[MapEntry]]:
    page = Page(learns=learns)
    entries = [intended_entry(node) for node in lesson]
    for index, (node, entry) in enumerate(zip(lesson, entries, strict=True)):
        entry.id = page.put(page.root, index, node, entry).id
        entry.settle()
    return page, entries


def republish(
    page: Page, lesson: Nodes, entries: Sequence[MapEntry], *, verify: bool = False, overwrite_edits: bool = False
) -> Reconciliation:
    written = copy.deepcopy(entries)
    plan = reconcile("page", lesson, written, page.children_of, verify=verify, overwrite_edits=overwrite_edits)
    if currently_in_test_context():
        note("\n".join(f"{type(operation).__name__}: {operation}" for operation in plan.operations))
    page.apply(plan.operations)
    return plan


def shows(page: Page, lesson: Nodes, kept: Sequence[KeptEdit]) -> bool:
    """Tells whether a page has a lesson's blocks in order, others among them, kept edits standing for their own."""
    kept_ids = {edit.block_id for edit in kept}

    def embedded(nodes: Sequence[BlockNode], blocks: Sequence[Block]) -> bool:
        remaining = iter(blocks)
        return all(any(stands_for(node, block) for block in remaining) for node in nodes)

    def stands_for(node: BlockNode, block: Block) -> bool:
        if block.id in kept_ids:
            return True
        return block.actual.sha256 == fingerprint_node(node) and embedded(node.children, block.children)

    return embedded(lesson, page.root.children)


def ids(page: Page) -> set[str]:
    return {block.id for block in page.blocks()}


@given(st.data(), lessons, st.booleans())
@many
def test_a_page_nobody_edited_becomes_the_new_lesson_exactly(data: st.DataObject, old: Nodes, learns: bool) -> None:
    new = data.draw(st.one_of(lessons, changed(old)))
    page, entries = published(old, learns=learns)
    plan = republish(page, new, entries)
    assert plan.kept_edits == ()
    assert [_tree(block) for block in page.root.children] == [_node_tree(node) for node in new]
    assert reconcile("page", new, copy.deepcopy(plan.entries), page.children_of, verify=True).operations == ()


def _tree(block: Block) -> tuple[str, list[object]]:
    return block.actual.sha256, [_tree(child) for child in block.children]


def _node_tree(node: BlockNode) -> tuple[str, list[object]]:
    return fingerprint_node(node), [_node_tree(child) for child in node.children]


@given(st.data(), lessons, st.booleans(), st.booleans())
@many
def test_whatever_people_did_the_new_lesson_is_there_and_their_work_too(
    data: st.DataObject, old: Nodes, learns: bool, verify: bool
) -> None:
    new = data.draw(st.one_of(st.just(old), changed(old), lessons))
    page, entries = published(old, learns=learns)
    for _ in range(data.draw(st.integers(1, 4))):
        note(edit(page, data))
    theirs = {block.id: (block.parent, _own(block)) for block in page.blocks() if block.is_theirs}
    plan = republish(page, new, entries, verify=verify)
    left = {block.id: block for block in page.blocks()}
    assert {block_id: (left[block_id].parent, _own(left[block_id])) for block_id in theirs} == theirs
    if verify:
        assert shows(page, new, plan.kept_edits)
    again = republish(page, new, plan.entries, verify=verify)
    assert again.operations == ()


def _own(block: Block) -> tuple[str, str]:
    return block.type, block.actual.sha256


@given(st.data(), lessons, st.booleans())
@many
def test_overwriting_spares_what_people_made_beside_the_lesson(data: st.DataObject, old: Nodes, learns: bool) -> None:
    new = data.draw(st.one_of(st.just(old), changed(old)))
    page, entries = published(old, learns=learns)
    for _ in range(data.draw(st.integers(1, 4))):
        note(edit(page, data))
    made = {block.id: _own(block) for block in page.root.children if not block.written_sha256}
    plan = republish(page, new, entries, verify=True, overwrite_edits=True)
    assert plan.kept_edits == ()
    assert shows(page, new, ())
    assert {block.id: _own(block) for block in page.root.children if block.id in made} == made
    assert republish(page, new, plan.entries, verify=True, overwrite_edits=True).operations == ()


@given(st.data(), lessons, st.booleans())
@many
def test_a_run_that_died_half_way_is_completed_without_doubles(data: st.DataObject, old: Nodes, learns: bool) -> None:
    new = data.draw(changed(old))
    page, entries = published(old, learns=learns)
    plan = reconcile("page", new, entries, page.children_of)
    recorded = copy.deepcopy(plan.entries)
    done = data.draw(st.integers(0, len(plan.operations)))
    page.apply(plan.operations[:done])
    republish(page, new, recorded, verify=True)
    assert [_tree(block) for block in page.root.children] == [_node_tree(node) for node in new]


@given(st.data(), st.lists(st.integers(0, 99), unique=True, max_size=12))
@many
def test_unchanged_blocks_in_unchanged_order_keep_their_ids(data: st.DataObject, names: list[int]) -> None:
    def lesson(numbers: Sequence[int]) -> Nodes:
        return tuple(textual("toggle", f"n{name}", textual("paragraph", f"inside n{name}")) for name in numbers)

    page, entries = published(lesson(names), learns=False)
    before = {name: block.id for name, block in zip(names, page.root.children, strict=True)}
    stay = [name for name in names if data.draw(st.booleans())]
    new = list(stay)
    for added in data.draw(st.lists(st.integers(100, 199), unique=True, max_size=4)):
        new.insert(data.draw(st.integers(0, len(new))), added)
    republish(page, lesson(new), entries)
    after = {name: block.id for name, block in zip(new, page.root.children, strict=True)}
    assert {name: after[name] for name in stay} == {name: before[name] for name in stay}


def test_reading_stops_at_blocks_that_the_lesson_left_alone() -> None:
    old = (textual("toggle", "one", textual("paragraph", "two")), textual("paragraph", "three"))
    page, entries = published(old, learns=False)
    asked: list[str] = []

    def children_of(block_id: str) -> tuple[ActualBlock, ...]:
        asked.append(block_id)
        return page.children_of(block_id)

    reconcile("page", (old[0], textual("paragraph", "four")), entries, children_of)
    assert asked == ["page"]


def test_a_block_that_a_person_deleted_comes_back_in_its_place() -> None:
    old = tuple(textual("paragraph", text) for text in ("one", "two", "three"))
    page, entries = published(old, learns=False)
    del page.root.children[1]
    plan = republish(page, old, entries)
    assert [block.actual.text for block in page.root.children] == ["one", "two", "three"]
    assert [str(operation) for operation in plan.operations] == ["paragraph is missing"]


def test_ignored_blocks_stay_and_nothing_is_put_between_them_and_what_they_stand_above() -> None:
    old = (textual("paragraph", "one"), textual("toggle", "study-text"))
    page, entries = published(old, learns=False)
    audio = page.put(page.root, 1, BlockNode("audio", {"type": "external", "external": {"url": "https://e.org/a.mp3"}}))
    plan = reconcile("page", old, entries, page.children_of, verify=True, ignored=[audio.id.upper()])
    assert plan.operations == ()
    assert plan.kept_edits == ()


def test_a_table_that_a_person_widened_gets_no_rows_of_the_old_width() -> None:
    page, entries = published((table([["a", "b"], ["c", "d"]], header=True),), learns=False)
    wide = page.root.children[0]
    wide.content["table_width"] = 3
    for row in wide.children:
        row.content["cells"] = [*row.content["cells"], []]
    plan = republish(page, (table([["a", "b"], ["c", "d"], ["e", "f"]], header=True),), entries)
    assert [(edit.block_id, edit.why) for edit in plan.kept_edits] == [(wide.id, CONFLICT)]
    assert [row.actual.text for row in wide.children] == ["ab", "cd"]


def test_a_table_that_a_person_changed_stays_beside_a_narrower_one() -> None:
    page, entries = published((table([["a", "b"], ["c", "d"]], header=True),), learns=False)
    page.root.children[0].content["has_column_header"] = False
    new = (table([["a"], ["x"]], header=True),)
    plan = republish(page, new, entries)
    assert [edit.why for edit in plan.kept_edits] == [REMOVED]
    assert sorted(block.content["table_width"] for block in page.root.children) == [1, 2]
    assert republish(page, new, plan.entries).operations == ()


def test_nothing_is_put_into_a_plain_heading_that_a_person_changed() -> None:
    page, entries = published((textual("heading_2", "one two"),), learns=False)
    page.root.children[0].content.update(rich("one two mine"))
    new = (textual("heading_2", "one two", textual("paragraph", "three"), is_toggleable=True),)
    plan = republish(page, new, entries)
    assert [edit.why for edit in plan.kept_edits] == [CONFLICT]
    assert republish(page, new, plan.entries).operations == ()


def test_a_heading_that_a_person_unfolded_gets_nothing_inside() -> None:
    old = (textual("heading_2", "one two", textual("paragraph", "three"), is_toggleable=True),)
    page, entries = published(old, learns=False)
    heading = page.root.children[0]
    heading.content["is_toggleable"] = False
    page.root.children += heading.children
    heading.children = []
    new = (textual("heading_2", "one two", textual("paragraph", "four"), is_toggleable=True),)
    plan = republish(page, new, entries)
    assert plan.kept_edits[0].block_id == heading.id
    assert republish(page, new, plan.entries).operations == ()
