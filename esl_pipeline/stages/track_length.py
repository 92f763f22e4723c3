"""How long a track may be, whatever the engine gave."""

from __future__ import annotations

from collections.abc import Iterable

from esl_pipeline.stores.publication import SegmentPublication

LONGEST_S = 3 * 3600
"""Seconds of speech. The longest study text that is let through lasts about two hours."""


class TrackTooLongError(Exception):
    """The speech is longer than what a lesson can have; asking again can't help."""


def check_length(segments: Iterable[SegmentPublication]) -> None:
    """Checks how long the speech of a track is, before a track is made of it.

    Raises:
        TrackTooLongError: it lasts longer than ``LONGEST_S``.
    """
    seconds = sum(one.samples / one.sample_rate_hz for one in segments)
    if seconds > LONGEST_S:
        raise TrackTooLongError(
            f"The speech lasts {seconds / 3600:.1f} hours; {LONGEST_S // 3600} are the limit. Listen to the segments: "
            "an engine that repeats itself makes such lengths. Split the lesson if it is really that long."
        )
