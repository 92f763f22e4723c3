"""Reading a lesson: one parse, one tree, all problems at once."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from esl_pipeline.lessons.comments import without_comments
from esl_pipeline.lessons.directive_blocks import argument_text
from esl_pipeline.lessons.directives import pair_directives
from esl_pipeline.lessons.draft import Draft
from esl_pipeline.lessons.front_matter import FrontMatterReader
from esl_pipeline.lessons.head import Head, read_head
from esl_pipeline.lessons.markdown.parser import parse_markdown
from esl_pipeline.lessons.model import FrontMatter, Lesson, LessonReading
from esl_pipeline.lessons.problems import Position, Problem
from esl_pipeline.lessons.rules.checks import CHECKS
from esl_pipeline.lessons.rules.frame import check_frame, check_size
from esl_pipeline.lessons.rules.table import broken
from esl_pipeline.lessons.source import Frame, Parts, file_lines, find_frame, find_parts
from esl_pipeline.lessons.spoken_lines import SpokenLines, study_texts
from esl_pipeline.lessons.tree import TreeBuilder
from esl_pipeline.lessons.turns import read_turns


@lru_cache(maxsize=4)
def read_lesson(text: str, *, file: str = "") -> LessonReading:
    """Reads a lesson file; the last ones are remembered, since each stage and check of a run asks for the same.

    Args:
        text: the decoded file; it may have a byte order mark and any line ends.
        file: its name, for the problems.

    Returns:
        The lesson, None where frame or head can't be made out, and everything that is wrong with it, in file order.
    """
    problems = list(check_size(text))
    lesson = None
    if not problems:
        lines = file_lines(text)
        frame = find_frame(lines)
        problems += check_frame(lines, frame)
        if frame is not None and frame.closer is not None:
            lesson, found = _read_framed(lines, frame)
            problems += found
    ordered = sorted(dict.fromkeys(problems), key=lambda problem: (problem.line, problem.column))
    return LessonReading(lesson, tuple(replace(problem, file=file) for problem in ordered))


def _read_framed(lines: list[str], frame: Frame) -> tuple[Lesson | None, list[Problem]]:
    parts = find_parts(lines, frame)
    head, problems = _head(lines, parts)
    fields = FrontMatterReader(head, Position(max(parts.body.start if parts.head is None else parts.head.start, 1)))
    front_matter = None
    if not problems:
        front_matter = fields.read()
        problems += fields.problems
    input_type = head.entries.get("input_type")
    draft, structure = _draft(
        lines,
        parts.body,
        front_matter,
        fields.labels if not head.problem and parts.head is not None else None,
        input_type.position if input_type else Position(),
    )
    problems += structure
    # The parser leaves out what is behind blocks that are too deep, so the rest can't be judged.
    if all(problem.rule != "V-DP" for problem in structure):
        problems += [problem for check in CHECKS for problem in check(draft)]
    lesson = None if front_matter is None else Lesson(front_matter, draft.blocks, draft.study.turns)
    return lesson, problems


def _head(lines: list[str], parts: Parts) -> tuple[Head, list[Problem]]:
    if parts.head is None:
        fix = "Begin the lesson with a line of ---, then title, student, level, topic and input_type, then --- again."
        return Head({}), [broken("V-FM", Position(parts.body.start + 1), "The lesson has no head.", fix)]
    if not parts.head_closed:
        fix = "Write a line of --- between the head and the first section."
        return Head({}), [broken("V-FM", Position(parts.head.start), "The head is never closed.", fix)]
    head = read_head([lines[number] for number in parts.head], parts.head.start + 1)
    return head, [head.problem] if head.problem else []


def _draft(
    lines: list[str],
    body: range,
    front_matter: FrontMatter | None,
    labels: tuple[str, ...] | None,
    input_type_position: Position,
) -> tuple[Draft, list[Problem]]:
    text = without_comments("\n" * body.start + "\n".join(lines[number] for number in body))
    body_lines = text.split("\n")
    directives = pair_directives(body_lines, body.start)
    builder = TreeBuilder(body_lines)
    blocks = builder.blocks(parse_markdown(text, directives, argument_text).children)
    spoken = list(SpokenLines(body_lines).of(study_texts(blocks)))
    draft = Draft(
        body_lines,
        Position(min(body.start + 1, len(lines))),
        front_matter,
        input_type_position,
        blocks,
        directives,
        read_turns(spoken, labels),
    )
    return draft, builder.problems
