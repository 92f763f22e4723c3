"""The study text with the time of each turn, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from esl_pipeline.speech.captions import Cue

_INLINE = re.compile(r"[\\`*_\[\]<>|~$^]|&(?=#?\w+;)")
_LINE_START = re.compile(r"^(?:(\d{1,9})(?=[.)](?:\s|$))|(?=[#+=:-]))")
_CLOSING_HASHES = re.compile(r"#(?=#*$)")


def transcript(cues: Iterable[Cue], *, title: str) -> str:
    """Writes each turn with its time and speaker, and its paragraphs apart.

    Args:
        cues: in playing order; those of one turn follow one another.
        title: of the lesson.
    """
    heading = _CLOSING_HASHES.sub(r"\\#", _escaped(title))
    return "\n\n".join([*([f"# {heading}"] if heading else []), *_blocks(cues)]) + "\n"


def _blocks(cues: Iterable[Cue]) -> Iterator[str]:
    """Yields each paragraph; the first of a turn begins with who speaks and when."""
    paragraph, in_turn = "", False
    for cue in cues:
        text = "\\\n".join(filter(None, map(_escaped, cue.text.splitlines())))
        paragraph = f"{paragraph} {text}".strip() if in_turn else f"{_opening(cue)} {text}".strip()
        in_turn = cue.pause_after != "turn"
        if cue.pause_after != "sentence" and paragraph:
            yield paragraph
            paragraph = ""
    if paragraph:
        yield paragraph


def _opening(cue: Cue) -> str:
    minutes, seconds = divmod(int(cue.start_s), 60)
    hours, minutes = divmod(minutes, 60)
    clock = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"
    speaker = _escaped(cue.speaker)
    return clock + (f" **{speaker}:**" if speaker else "")


def _escaped(text: str) -> str:
    """Returns one line that is read as it stands."""
    plain = _INLINE.sub(lambda found: "\\" + found[0], " ".join(text.split()))
    return _LINE_START.sub(lambda found: (found[1] or "") + "\\", plain)
