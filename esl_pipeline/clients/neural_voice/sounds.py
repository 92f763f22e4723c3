"""English as sounds of the International Phonetic Alphabet, by eSpeak NG."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from functools import cache

import espeakng_loader

from esl_pipeline.clients.neural_voice.pieces import Clause
from esl_pipeline.clients.neural_voice.voices import Accent

ESPEAK_NAMES: dict[Accent, bytes] = {"american": b"gmw/en-US", "british": b"gmw/en"}
_RETRIEVAL, _UTF8, _IPA = 1, 1, 2
"""**Source**: espeak-ng 1.52, ``speak_lib.h``: sound is not played; text is UTF-8; sounds are IPA."""

_CLAUSE = re.compile(
    r"""(?P<words>.*?)
    (?:(?P<mark>[,;:.!?…]+)[”’"')\]]*(?:\s+|$)  # not inside 3.5 or 3:30
    |(?P<dash>\s*[—–]\s*)
    |\n\s*|$)""",
    re.VERBOSE,
)


def clauses(text: str, accent: Accent) -> Iterator[Clause]:
    """Yields the clauses of a text in order; none where there is nothing to say. One caller at a time."""
    espeak = _espeak()
    espeak.espeak_SetVoiceByName(ESPEAK_NAMES[accent])
    for found in _CLAUSE.finditer(text.replace("\x00", " ")):
        sounds = _sounds(espeak, found["words"])
        if sounds:
            yield Clause(sounds, _mark(found["mark"] or found["dash"] or ""))


def _mark(written: str) -> str:
    written = written.strip()
    if "?" in written or "!" in written:
        return "?" if "?" in written else "!"
    return {"...": "…", "–": "—"}.get(written, written[:1])


def _sounds(espeak: ctypes.CDLL, words: str) -> str:
    rest = ctypes.c_char_p(words.encode("utf-8", "replace"))
    parts = []
    while rest.value:
        parts.append(espeak.espeak_TextToPhonemes(ctypes.byref(rest), _UTF8, _IPA).decode("utf-8", "replace").strip())
    return " ".join(part for part in parts if part)


@cache
def _espeak() -> ctypes.CDLL:
    espeak = ctypes.CDLL(espeakng_loader.get_library_path())
    espeak.espeak_TextToPhonemes.restype = ctypes.c_char_p
    if espeak.espeak_Initialize(_RETRIEVAL, 0, espeakng_loader.get_data_path().encode(), 0) < 0:
        raise OSError("eSpeak NG finds no data")
    return espeak
