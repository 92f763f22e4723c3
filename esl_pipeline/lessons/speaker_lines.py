"""Which lines begin with the name of a speaker."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from esl_pipeline.lessons.spoken_lines import SpokenLine

NARRATOR = "Narrator"
MAX_NAME_CHARACTERS = 32
"""Of a name that no label knows; what is longer before a colon is text."""
_APOSTROPHES = re.compile("[‘’ʼ`´]")
_WORD = re.compile(r"[\w.'’-]+$")
_HAS_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class SpeakerLine:
    """A line that begins a turn; ``text`` may be empty, and goes on in the lines below."""

    name: str
    text: str


def folded(name: str) -> str:
    """Returns a name as it is compared: case, blanks and kinds of apostrophe make no difference."""
    return " ".join(_APOSTROPHES.sub("'", unicodedata.normalize("NFC", name)).casefold().split())


def labels_by_name(labels: Iterable[str]) -> Mapping[str, str]:
    """Returns ``labels`` by the form in which names are compared; the first wins."""
    by_name: dict[str, str] = {}
    for label in labels:
        by_name.setdefault(folded(label), label)
    return by_name


def known_speaker(line: SpokenLine, labels: Mapping[str, str]) -> SpeakerLine | None:
    """Reads ``line`` as one that begins with a label and a colon, however the name is marked."""
    before, colon, text = line.text.partition(":")
    label = labels.get(folded(_unbracketed(before.strip()))) if colon else None
    return None if label is None else SpeakerLine(label, text.strip())


def marked_speaker(line: SpokenLine) -> SpeakerLine | None:
    """Reads ``line`` as one that begins with a name in brackets, in bold or of one word, a colon, and text."""
    before, _, text = line.text.partition(":")
    written = before.strip()
    name = _unbracketed(written)
    if not name or not text[:1].isspace() or not _HAS_LETTER.search(name):
        return None
    is_bold = line.bold in (written, f"{written}:") and len(name) <= MAX_NAME_CHARACTERS
    is_word = bool(_WORD.match(name)) and len(name) <= MAX_NAME_CHARACTERS
    return SpeakerLine(name, text.strip()) if name != written or is_bold or is_word else None


def free_speaker(line: SpokenLine) -> SpeakerLine | None:
    """Reads ``line`` where there are no labels: several words are a name where each has a capital, as in Mr. Patel."""
    marked = marked_speaker(line)
    if marked is not None:
        return marked
    before, _, text = line.text.partition(":")
    words = before.split()
    is_name = 1 < len(words) <= 4 and len(before) <= MAX_NAME_CHARACTERS and all(map(_is_name_part, words))
    return SpeakerLine(" ".join(words), text.strip()) if is_name and text[:1].isspace() and text.strip() else None


def _is_name_part(word: str) -> bool:
    return bool(_WORD.match(word)) and (word[0].isupper() or word.isdigit())


def _unbracketed(name: str) -> str:
    return name[1:-1].strip() if name.startswith("[") and name.endswith("]") else name
