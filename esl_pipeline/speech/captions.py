"""Captions of the track, as WebVTT."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cue:
    """When one segment is heard, in seconds from the start of the track."""

    speaker: str
    text: str
    start_s: float
    end_s: float


def webvtt(cues: Iterable[Cue]) -> str:
    """Writes one caption per cue, each under its speaker's voice tag.

    Args:
        cues: in playing order. A cue shorter than a millisecond gets one.
    """
    captions = ["WEBVTT"]
    for number, cue in enumerate(cues, 1):
        start_ms = round(cue.start_s * 1000)
        end_ms = max(round(cue.end_s * 1000), start_ms + 1)
        captions.append(f"{number}\n{_clock(start_ms)} --> {_clock(end_ms)}\n{_spoken(cue)}")
    return "\n\n".join(captions) + "\n"


def _clock(time_ms: int) -> str:
    minutes, ms = divmod(time_ms, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{ms // 1000:02}.{ms % 1000:03}"


def _spoken(cue: Cue) -> str:
    lines = (_escaped(" ".join(line.split())) for line in cue.text.splitlines())
    text = "\n".join(line for line in lines if line)  # a blank line would end the caption
    speaker = _escaped(" ".join(cue.speaker.split()))
    apart = " " if speaker.endswith("--") else ""  # an arrow would end the caption
    return f"<v {speaker}{apart}>{text}</v>" if speaker else text


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
