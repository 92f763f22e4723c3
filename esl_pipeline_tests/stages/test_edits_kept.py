from __future__ import annotations

from esl_pipeline_tests.sandboxed import EDIT, Sandboxed, flat, shape, succeeded


def test_what_a_person_wrote_and_edited_survives_a_changed_lesson(
    sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    first = succeeded(sandbox.publish(four_turns, assignment))
    page_id = first.page.id or ""
    item = next(tree for tree in flat(sandbox.tree(page_id)) if tree.type == "numbered_list_item")
    answer = {"type": "paragraph", "paragraph": {"rich_text": [{"type": "text", "text": {"content": "My answer"}}]}}
    sandbox.edit(parent_id=page_id, children=[answer])
    sandbox.edit(parent_id=item.id, children=[answer])
    sandbox.edit(
        block_id=item.id, body={"numbered_list_item": {"rich_text": [{"type": "text", "text": {"content": "Edited"}}]}}
    )
    succeeded(sandbox.publish(four_turns.replace(*EDIT), assignment))
    now = list(flat(sandbox.tree(page_id)))
    assert [tree.text for tree in now].count("My answer") == 2
    assert next(tree for tree in now if tree.id == item.id).text == "Edited"


def edit_first_item(sandbox: Sandboxed, page_id: str) -> str:
    item = next(tree for tree in flat(sandbox.tree(page_id)) if tree.type == "numbered_list_item")
    text = {"rich_text": [{"type": "text", "text": {"content": f"{item.text} (done)"}}]}
    sandbox.edit(block_id=item.id, body={"numbered_list_item": text})
    return item.id


def test_an_edit_that_is_kept_is_told_as_a_problem_with_its_line(
    sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    first = succeeded(sandbox.publish(four_turns, assignment))
    item = edit_first_item(sandbox, first.page.id or "")
    number = next(i for i, line in enumerate(four_turns.splitlines(), 1) if line.startswith("1. ") and i > 20)
    lines = four_turns.splitlines()
    lines[number - 1] += " Think first."
    second = succeeded(sandbox.publish("\n".join(lines), assignment))
    assert next(tree for tree in flat(sandbox.tree(first.page.id or "")) if tree.id == item).text.endswith("(done)")
    assert [problem.line for problem in second.problems if problem.rule == "P-EDIT"] == [number]


def test_edits_are_overwritten_when_a_run_says_so_although_the_lesson_has_not_changed(
    sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    first = succeeded(sandbox.publish(four_turns, assignment))
    before = shape(sandbox.tree(first.page.id or ""))
    edit_first_item(sandbox, first.page.id or "")
    succeeded(sandbox.publish(four_turns, assignment, overrides=("notion.overwrite_edits=true",)))
    assert shape(sandbox.tree(first.page.id or "")) == before


def paragraph(text: str) -> dict[str, object]:
    return {"type": "paragraph", "paragraph": {"rich_text": [{"type": "text", "text": {"content": text}}]}}


def test_an_answer_stays_under_its_question_when_another_question_comes_after_it(
    sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    questions = "What comes first?\n\nWhat comes last?\n\n## 4."
    first = succeeded(sandbox.publish(four_turns.replace("## 4.", questions, 1), assignment))
    page_id = first.page.id or ""
    asked = next(tree for tree in sandbox.tree(page_id) if tree.text == "What comes first?")
    below = {"type": "after_block", "after_block": {"id": asked.id}}
    sandbox.edit(parent_id=page_id, children=[paragraph("My answer")], position=below)
    more = questions.replace("\n\nWhat comes last", "\n\nWhy in that order?\n\nWhat comes last")
    succeeded(sandbox.publish(four_turns.replace("## 4.", more, 1), assignment))
    texts = [tree.text for tree in sandbox.tree(page_id)]
    start = texts.index("What comes first?")
    assert texts[start : start + 4] == ["What comes first?", "My answer", "Why in that order?", "What comes last?"]


def test_an_edit_that_was_kept_and_is_in_no_lesson_any_more_goes_when_a_run_overwrites_edits(
    sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    with_question = four_turns.replace("## 4.", "Fill in: ____\n\n## 4.", 1)
    first = succeeded(sandbox.publish(with_question, assignment))
    page_id = first.page.id or ""
    gap = next(tree for tree in sandbox.tree(page_id) if tree.text == "Fill in: ____")
    sandbox.edit(block_id=gap.id, body={"paragraph": paragraph("Twenty-two, I think")["paragraph"]})
    second = succeeded(sandbox.publish(four_turns, assignment))
    assert "P-EDIT" in [problem.rule for problem in second.problems]
    assert "Twenty-two, I think" in [tree.text for tree in sandbox.tree(page_id)]
    succeeded(sandbox.publish(four_turns, assignment, overrides=("notion.overwrite_edits=true",)))
    assert "Twenty-two, I think" not in [tree.text for tree in sandbox.tree(page_id)]
