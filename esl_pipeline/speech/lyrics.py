"""The words of the track for music players, as LRC.

**Source**: https://en.wikipedia.org/wiki/LRC_(file_format), read 2026-11-24; the format has no other specification.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from esl_pipeline.speech.captions import Cue

_LIKE_A_STAMP = re.compile(r"[\[<](\s*\d+:[\d.:]*\s*)[\]>]")


def lrc(cues: Sequence[Cue], *, title: str, artist: str, album: str, length_s: float) -> str:
    """Writes one line per cue, and the time before each word where it is known (enhanced LRC).

    What a player would take for a time is put in round brackets, since the format has no escapes.

    Args:
        cues: in playing order.
        title: of the lesson.
        artist: who it is for, or who made it.
        album: as in the MP3's tags.
        length_s: of the track.
    """
    minutes, seconds = divmod(round(length_s), 60)
    tags = {"ti": title, "ar": artist, "al": album, "length": f"{minutes:02}:{seconds:02}"}
    header = [f"[{name}:{_one_line(value)}]" for name, value in tags.items() if value.strip()]
    return "\n".join([*header, *(_line(cue) for cue in cues)]) + "\n"


def _line(cue: Cue) -> str:
    speaker = _one_line(cue.speaker)
    text = " ".join(_timed(cue)) if cue.timed() else _one_line(cue.text)
    return f"[{_clock(cue.start_s)}]{speaker + ': ' if speaker else ''}{text}"


def _timed(cue: Cue) -> Iterator[str]:
    return (f"<{_clock(word.start_s)}>{_one_line(word.text)}" for word in cue.words)


def _clock(time_s: float) -> str:
    minutes, hundredths = divmod(round(time_s * 100), 6000)
    return f"{minutes:02}:{hundredths // 100:02}.{hundredths % 100:02}"


def _one_line(text: str) -> str:
    return _LIKE_A_STAMP.sub(r"(\1)", " ".join(text.split()))
