"""How loud each speaker is in a finished track."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

from esl_pipeline.audio.loudness import LoudnessMeter
from esl_pipeline.audio.mp3 import decoded
from esl_pipeline.audio.track import PlacedSegment


def loudness_by_speaker_lufs(mp3: BinaryIO, placed: Sequence[PlacedSegment]) -> dict[str, float]:
    """Measures what each speaker says, pauses apart, in the order in which they are first heard.

    Args:
        mp3: read from its start, about a second of sound at a time.
        placed: of the same track, in playing order.

    Raises:
        ValueError: it is no MP3, or a damaged one.
    """
    mp3.seek(0)
    meters: dict[str, LoudnessMeter] = {}
    at, waiting = 0, list(placed)
    for block, rate_hz in decoded(mp3):
        stop = at + block.size
        for part in waiting:
            first, last = round(part.start_s * rate_hz), round(part.end_s * rate_hz)
            if first >= stop:
                break
            meter = meters.setdefault(part.speaker, LoudnessMeter(rate_hz))
            meter.feed(block[max(first - at, 0) : last - at])
        waiting = [part for part in waiting if round(part.end_s * rate_hz) > stop]
        at = stop
    return {speaker: meter.loudness_lufs() for speaker, meter in meters.items()}
