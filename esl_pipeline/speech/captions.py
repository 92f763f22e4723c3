"""Captions of the track, as WebVTT."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from esl_pipeline.speech.splitting import PauseKind
from esl_pipeline.speech.words import Word


@dataclass(frozen=True, slots=True)
class Cue:
    """When one segment is heard, in seconds from the start of the track.

    Attributes:
        words: when each word of ``text`` is heard; none where that is unknown.
        pause_after: what ends with it; a turn may have several cues.
    """

    speaker: str
    text: str
    start_s: float
    end_s: float
    words: tuple[Word, ...] = ()
    pause_after: PauseKind = "turn"

    def timed(self) -> bool:
        """Returns whether each word's time is known."""
        return bool(self.words) and [word.text for word in self.words] == self.text.split()


def webvtt(cues: Iterable[Cue]) -> str:
    """Writes one caption per cue, each under its speaker's voice tag, with the times of its words where they are known.

    Args:
        cues: in playing order. A cue shorter than a millisecond gets one.
    """
    captions = ["WEBVTT"]
    for number, cue in enumerate(cues, 1):
        start_ms = round(cue.start_s * 1000)
        end_ms = max(round(cue.end_s * 1000), start_ms + 1)
        captions.append(f"{number}\n{_clock(start_ms)} --> {_clock(end_ms)}\n{_spoken(cue, start_ms, end_ms)}")
    return "\n\n".join(captions) + "\n"


def _clock(time_ms: int) -> str:
    minutes, ms = divmod(time_ms, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{ms // 1000:02}.{ms % 1000:03}"


def _spoken(cue: Cue, start_ms: int, end_ms: int) -> str:
    stamps = _stamps(cue.words, start_ms, end_ms) if cue.timed() else iter(())
    lines = (" ".join(next(stamps, "") + _escaped(word) for word in line.split()) for line in cue.text.splitlines())
    text = "\n".join(line for line in lines if line)  # a blank line would end the caption
    speaker = _escaped(" ".join(cue.speaker.split()))
    apart = " " if speaker.endswith("--") else ""  # an arrow would end the caption
    return f"<v {speaker}{apart}>{text}</v>" if speaker else text


def _stamps(words: Sequence[Word], start_ms: int, end_ms: int) -> Iterator[str]:
    """Yields what stands before each word: its time, or nothing where a reader would not take it.

    **Source**: https://www.w3.org/TR/webvtt1/, section 3.3 (a timestamp is after the cue's start and all timestamps
    before it, and before the cue's end).
    """
    latest_ms = start_ms
    for word in words:
        at_ms = round(word.start_s * 1000)
        allowed = latest_ms < at_ms < end_ms
        yield f"<{_clock(at_ms)}>" if allowed else ""
        latest_ms = at_ms if allowed else latest_ms


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
