"""Blocks and turns on one line each, for cases that are read by people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from esl_pipeline.lessons import Block, ColumnList, Heading, Lesson, ListItem, Run, Table


def blocks_as_text(blocks: Iterable[Block], first_line: int) -> str:
    return "\n".join(_lines(blocks, first_line, 0))


def turns_as_text(lesson: Lesson, first_line: int) -> str:
    return "\n".join(
        f"{turn.position.line - first_line + 1}:{turn.position.column} {turn.speaker}: "
        + " / ".join(paragraph.replace("\n", "⏎") for paragraph in turn.paragraphs)
        for turn in lesson.turns
    )


def _lines(blocks: Iterable[Block], first_line: int, depth: int) -> Iterator[str]:
    for block in blocks:
        where = f"{block.position.line - first_line + 1}:{block.position.column}"
        yield " ".join(filter(None, ["  " * depth + where, _kind(block), *_details(block)]))
        for column in block.columns if isinstance(block, ColumnList) else ():
            yield f"  {'  ' * depth}{column.position.line - first_line + 1}:{column.position.column} Column"
            yield from _lines(column.children, first_line, depth + 2)
        yield from _lines(getattr(block, "children", ()), first_line, depth + 1)


def _kind(block: Block) -> str:
    name = type(block).__name__
    if isinstance(block, Heading):
        return f"{name}{block.level}{'+' if block.toggleable else ''}"
    if isinstance(block, ListItem):
        box = {None: "", True: " [x]", False: " [ ]"}[block.checked]
        return block.kind + box
    return name


def _details(block: Block) -> Iterator[str]:
    for name in ("kind", "icon", "language", "url", "source_id", "label"):
        if name != "kind" or not isinstance(block, ListItem):
            yield str(getattr(block, name, None) or "")
    for name in ("content", "alt", "expression"):
        if text := getattr(block, name, ""):
            yield _quoted(text)
    if isinstance(block, Table):
        yield "header" if block.has_header else "plain"
        yield " ; ".join(" | ".join("".join(map(_run, cell)) for cell in row) for row in block.rows)
    yield "".join(map(_run, getattr(block, "runs", getattr(block, "caption", ()))))
    if colour := getattr(block, "colour", None):
        yield f"#{colour}"


def _run(run: Run) -> str:
    flags = {
        **{"b": run.bold, "i": run.italic, "s": run.strikethrough, "c": run.code, "u": run.underline},
        **{"e": run.equation, f" {run.colour}": run.colour is not None},
    }
    style = "".join(flag for flag, is_set in flags.items() if is_set).strip()
    link = f"<{run.link}>" if run.link else ""
    return f"{_quoted(run.content)}{f'{{{style}}}' if style else ''}{link}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\n", "⏎") + '"'
