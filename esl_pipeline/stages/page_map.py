"""The block map, between the publication that keeps it and the pages package that works with it."""

from __future__ import annotations

from collections.abc import Iterable

from esl_pipeline.pages.block_map import MapEntry
from esl_pipeline.stores.publication import PagePublication, WrittenBlock


def entries_of(blocks: Iterable[WrittenBlock]) -> list[MapEntry]:
    """Returns recorded blocks as entries that may be changed."""
    return [
        MapEntry(
            type=block.type,
            sha256=block.sha256,
            intended_sha256=block.intended_sha256,
            id=block.id,
            study_text=block.study_text,
            children=entries_of(block.children),
        )
        for block in blocks
    ]


def blocks_of(entries: Iterable[MapEntry]) -> list[WrittenBlock]:
    """Returns entries as they are recorded."""
    return [
        WrittenBlock(
            id=entry.id,
            type=entry.type,
            sha256=entry.sha256,
            intended_sha256=entry.intended_sha256,
            study_text=entry.study_text,
            children=blocks_of(entry.children),
        )
        for entry in entries
    ]


def path_to_study_text(page: PagePublication) -> tuple[int, ...] | None:
    """Returns the indexes, from the page down, at which the first study text stands in the block map."""
    return _find(page.blocks)


def study_text_id(page: PagePublication) -> str:
    """Returns the id of the first study text's toggle, empty where it has not been read yet."""
    blocks, found = page.blocks, ""
    for index in path_to_study_text(page) or ():
        found, blocks = blocks[index].id, blocks[index].children
    return found


def _find(blocks: list[WrittenBlock]) -> tuple[int, ...] | None:
    for index, block in enumerate(blocks):
        if block.study_text:
            return (index,)
        inside = _find(block.children)
        if inside is not None:
            return (index, *inside)
    return None
