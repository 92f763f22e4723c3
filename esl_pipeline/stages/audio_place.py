"""Where the audio block belongs: directly above the study text, inside the same parent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.pages.block_map import ActualBlock, MapEntry
from esl_pipeline.pages.fingerprint import normal_id, plain_text
from esl_pipeline.stages.audio_source import AudioSource, is_notion_file, signature_of, unsigned
from esl_pipeline.stages.context import JobContext
from esl_pipeline.stages.notion_api import Json, NotionApi
from esl_pipeline.stages.page_read import learn_ids
from esl_pipeline.stages.track_files import LABELS, FileLink

BETWEEN_LINKS = " · "
"""What stands between the links below the player."""


@dataclass(frozen=True)
class AudioPlace:
    """The study text among its siblings, as the block map has them.

    Attributes:
        parent_id: page or block that holds the study text.
        above_id: the lesson's block before it, None where it comes first.
        lesson_ids: the lesson's own blocks beside it, an author's audio included.
    """

    parent_id: str
    study_text_id: str
    above_id: str | None
    lesson_ids: frozenset[str]


def find_place(
    context: JobContext, notion: NotionApi, page_id: str, entries: Sequence[MapEntry], path: Sequence[int]
) -> AudioPlace:
    """Follows a path to the study text; reads the ids on the way that are not known, and puts them into the entries.

    Raises:
        RejectedError: the study text is no longer where the lesson put it.
    """
    parent_id, level = page_id, entries
    for depth, index in enumerate(path):
        if not all(entry.id for entry in level):
            learn_ids(context, notion, parent_id, level)
        if not level[index].id:
            raise study_text_missing()
        if depth < len(path) - 1:
            parent_id, level = level[index].id, level[index].children
    above = level[path[-1] - 1].id if path[-1] else None
    lesson_ids = frozenset(normal_id(entry.id) for entry in level if entry.id)
    return AudioPlace(parent_id, level[path[-1]].id, above or None, lesson_ids)


def study_text_missing() -> RejectedError:
    """Returns the error of a page whose study text somebody moved or deleted."""
    message = "The study text is not on the page where the lesson put it."
    return RejectedError("notion", "study_text_missing", message, fix="Publish the page again, forced.")


def index_of(siblings: Sequence[ActualBlock], block_id: str) -> int:
    """Returns where a block stands among its siblings.

    Raises:
        RejectedError: it is not among them.
    """
    for index, block in enumerate(siblings):
        if normal_id(block.id) == normal_id(block_id):
            return index
    raise study_text_missing()


def find_ours(
    siblings: Sequence[ActualBlock],
    place: AudioPlace,
    names: Collection[str],
    replaced_id: str | None,
    whoami: Callable[[], str],
) -> ActualBlock | None:
    """Returns the audio block that an earlier run inserted without recording it; the one nearest above the study text.

    Args:
        siblings: the blocks beside the study text.
        place: where the study text is; an author's audio is told by its id there.
        names: of the sources that the pipeline may have written; the folder of an address is the assignment's own, and
            a file at Notion is ours where the integration made the block.
        replaced_id: a block of ours that is to go, which does not count.
        whoami: gives the integration's own id.
    """
    folders = {folder_of(name) for name in names if not is_notion_file(name)}
    taken = place.lesson_ids | ({normal_id(replaced_id)} if replaced_id else set())
    audio = [block for block in siblings if block.type == "audio" and normal_id(block.id) not in taken]
    found = [block for block in audio if folder_of(address(block.content)) in folders]
    if any(map(is_notion_file, names)) and any(map(is_kept_by_notion, (block.content for block in audio))):
        mine = normal_id(whoami())
        made = [block for block in audio if is_kept_by_notion(block.content) and normal_id(block.maker_id) == mine]
        found = [block for block in audio if block in found or block in made]
    above = [block for block in found if index_of(siblings, block.id) < index_of(siblings, place.study_text_id)]
    nearest = above or found
    return nearest[-1] if nearest else None


def stands_above(siblings: Sequence[ActualBlock], block_id: str, study_text_id: str) -> bool:
    """Tells whether a block is directly above the study text."""
    ids = [normal_id(block.id) for block in siblings]
    return (normal_id(block_id), normal_id(study_text_id)) in pairwise(ids)


def audio_content(source: AudioSource) -> Json:
    """Returns the content of the audio block, as the API takes it when a block is made."""
    return {"type": next(iter(source.content)), **source.content, "caption": caption(source.links)}


def caption(links: Sequence[FileLink]) -> list[Json]:
    """Returns the links to what goes with the track, nothing where there is nothing."""
    runs: list[Json] = []
    for link in links:
        if runs:
            runs.append({"type": "text", "text": {"content": BETWEEN_LINKS}})
        runs.append({"type": "text", "text": {"content": link.label, "link": {"url": link.url}}})
    return runs


def same_caption(content: Mapping[str, Any], links: Sequence[FileLink]) -> bool:
    """Tells whether a block has these links, however they are signed, and no others."""
    runs = [run.get("text") or {} for run in content.get("caption") or []]
    there = [FileLink(str(run.get("content", "")), str(run["link"].get("url", ""))) for run in runs if run.get("link")]
    return len(there) == len(links) and all(
        one.label == other.label and same_address(one.url, other.url) for one, other in zip(there, links, strict=True)
    )


def has_own_caption(content: Mapping[str, Any]) -> bool:
    """Tells whether a person gave the block another caption than links of ours, whichever those were at the time."""
    words = plain_text({"caption": content.get("caption") or []})
    return bool(words) and not set(words.split(BETWEEN_LINKS)) <= set(LABELS.values())


def address(content: Mapping[str, Any]) -> str:
    """Returns the address that an audio block plays, empty where Notion keeps the file."""
    return str((content.get("external") or {}).get("url", ""))


def is_kept_by_notion(content: Mapping[str, Any]) -> bool:
    """Tells whether an audio block plays a file that was uploaded to Notion, by a program or a person."""
    return bool(content.get("file"))


def plays(content: Mapping[str, Any], name: str) -> bool:
    """Tells whether an audio block plays a source, however that is signed.

    Of a file at Notion it only tells that the block plays one: its address is another at each look.
    """
    if is_notion_file(name):
        return is_kept_by_notion(content)
    return bool(name) and same_address(address(content), name)


def has_signatures(content: Mapping[str, Any], source: AudioSource, *, with_links: bool) -> bool:
    """Tells whether a block that plays a source was signed at the same time, not only for the same file."""
    return all(signature_of(url) == source.signature for url in _urls(content, with_links=with_links))


def signatures_last(content: Mapping[str, Any], source: AudioSource, now: datetime, *, with_links: bool) -> bool:
    """Tells whether a block that plays a source is signed for long enough; or not at all, where the source is not."""
    there = [signature_of(url) for url in _urls(content, with_links=with_links)]
    if source.signature is None:
        return not any(there)
    return all(one and not one.is_ending(now) for one in there)


def _urls(content: Mapping[str, Any], *, with_links: bool) -> Iterator[str]:
    yield address(content)
    runs = (run.get("text") or {} for run in content.get("caption") or [])
    if with_links:
        yield from (str(run["link"].get("url", "")) for run in runs if run.get("link"))


def folder_of(url: str) -> str:
    """Returns the folder of an address, which stays when its file is replaced, signed or served from elsewhere."""
    return urlsplit(url).path.rpartition("/")[0]


def same_address(one: str, other: str) -> bool:
    """Tells whether two addresses lead to the same file, whatever their signatures."""
    return unsigned(one) == unsigned(other)
