"""What the caller gives for a track: segments that load their sound when it is their turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from esl_pipeline.audio.pcm import PcmSegment
from esl_pipeline.manifests.settings import AudioSettings
from esl_pipeline.speech.segments import PauseKind

LoadPcm = Callable[[], tuple[bytes, int]]
"""Gives signed 16 bit little-endian mono samples, and how many there are per second."""


class TruncatedSegmentError(ValueError):
    """A segment's sound is not as long as it is known to be; it must be made again."""


@dataclass(frozen=True, slots=True)
class TrackSegment:
    """The sound of one turn, or of a piece of it.

    Attributes:
        text: what captions and chapters show.
        load: called once for each track that is made.
        begin: the sample at which the segment begins in what is loaded.
        samples: its length; None for all from ``begin`` on.
    """

    speaker: str
    text: str
    load: LoadPcm
    pause_after: PauseKind = "turn"
    begin: int = 0
    samples: int | None = None

    def loaded(self) -> PcmSegment:
        """Loads the sound.

        Raises:
            TruncatedSegmentError: there is less than the segment's ``samples``, or half a sample.
        """
        pcm, rate_hz = self.load()
        there = len(pcm) // 2
        stop = there if self.samples is None else self.begin + self.samples
        if len(pcm) % 2 or not 0 <= self.begin <= stop <= there:
            raise TruncatedSegmentError(
                f"the speech of {self.speaker} ({self.text[:40]!r}) is damaged: {len(pcm)} bytes of 16 bit samples, "
                f"where samples {self.begin} to {stop} are wanted"
            )
        return PcmSegment(pcm[2 * self.begin : 2 * stop], rate_hz, self.speaker, self.text)


def pause_after_ms(segment: TrackSegment, settings: AudioSettings) -> int:
    """Returns how long the silence is between a segment and the next one."""
    by_kind = {
        "turn": settings.pause_ms,
        "paragraph": settings.paragraph_pause_ms,
        "sentence": settings.sentence_pause_ms,
    }
    return by_kind[segment.pause_after]
