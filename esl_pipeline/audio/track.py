"""One track of all segments."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from types import TracebackType
from typing import BinaryIO, Self

from esl_pipeline.audio.cover import read_cover
from esl_pipeline.audio.master import Labels, master
from esl_pipeline.audio.mix import RATE_HZ, Part, Placed, mix
from esl_pipeline.audio.mp3 import Chapter
from esl_pipeline.audio.scratch import Scratch
from esl_pipeline.audio.segments import TrackSegment, pause_after_ms
from esl_pipeline.manifests.settings import AudioSettings
from esl_pipeline.speech import Cue

MAX_CHAPTERS = 255
"""Entries of an ID3 table of contents; beyond, several turns share a chapter.

**Source**: ID3v2 Chapter Frame Addendum 1.0, section 3.2 (the entry count is one byte).
"""


@dataclass(frozen=True, slots=True)
class PlacedSegment:
    """When a segment is heard, in seconds from the start of the track.

    Attributes:
        head_trim_s: how much silence was cut off before it.
    """

    speaker: str
    text: str
    start_s: float
    end_s: float
    head_trim_s: float


@dataclass(frozen=True, slots=True)
class Track:
    """An MP3 and what is known of it; closing it, as ``with`` does, removes the file.

    Attributes:
        mp3: open at its start, seekable, without a name on disk.
        sha256: of its bytes.
        samples: length, as planned and as it decodes.
        loudness_lufs: integrated, measured on the MP3; −70 for silence.
        true_peak_dbtp: measured on the MP3.
        placed: one per segment, in playing order; in a dictation two per sentence.
    """

    mp3: BinaryIO = field(repr=False)
    sha256: str
    samples: int
    sample_rate_hz: int
    loudness_lufs: float
    true_peak_dbtp: float
    placed: tuple[PlacedSegment, ...]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.mp3.close()

    @property
    def cues(self) -> tuple[Cue, ...]:
        """One caption per placed segment."""
        return tuple(Cue(part.speaker, part.text, part.start_s, part.end_s) for part in self.placed)


def make_track(
    segments: Sequence[TrackSegment],
    settings: AudioSettings,
    *,
    tags: Mapping[str, str],
    cover: bytes | None = None,
) -> Track:
    """Joins segments with pauses, brings the speakers to one loudness and encodes once.

    The same arguments give the same bytes. Silence of more than a breath at the ends of a segment is taken away. The
    target is met within 0.5 LU unless the peaks would have to be crushed for it; the true peak is always kept. The
    sound is on disk while it is worked on, in memory only a segment at a time.

    Args:
        segments: 1 or more, in playing order, of any sample rates.
        settings: pauses, loudness, peak, bit rate.
        tags: as ``track_tags`` makes them.
        cover: a JPEG or PNG file.

    Raises:
        ValueError: there is no segment.
        TruncatedSegmentError: a segment's sound is shorter than it should be.
        CoverError: the cover is no picture for an MP3.
    """
    befores = ("turn", *(segment.pause_after for segment in segments))
    parts = (
        Part(segment.loaded(), pause_after_ms(segment, settings), new_turn=before == "turn")
        for segment, before in zip(segments, befores, strict=False)
    )
    return track_of(parts, settings, tags, cover)


def track_of(parts: Iterable[Part], settings: AudioSettings, tags: Mapping[str, str], cover: bytes | None) -> Track:
    """Makes the track of parts that are taken one after the other.

    Raises:
        ValueError: there is no part; CoverError where the cover is no picture for an MP3.
    """
    picture = None if cover is None else read_cover(cover)
    with Scratch() as scratch:
        mixed = mix(parts, scratch, end_pause_ms=settings.end_pause_ms, loudness_lufs=settings.loudness_lufs)
        if not mixed.placed:
            raise ValueError("a track needs at least one segment")
        labels = Labels(tags, _chapters(mixed.placed, mixed.samples), picture)
        mp3, measured = master(mixed, settings, labels)
    sha256 = hashlib.file_digest(mp3, "sha256").hexdigest()  # type: ignore[arg-type]
    mp3.seek(0)
    levels = measured.loudness_lufs, measured.true_peak_dbtp
    return Track(mp3, sha256, mixed.samples, RATE_HZ, *levels, tuple(map(_placed_segment, mixed.placed)))


def _chapters(placed: Sequence[Placed], samples: int) -> list[Chapter]:
    """Returns a chapter per turn, or per few turns."""
    turns = [part for part in placed if part.new_turn]
    firsts = turns[:: -(-len(turns) // MAX_CHAPTERS)]
    starts = [*(part.start for part in firsts), samples]
    titles = [f"{part.speaker}: {_beginning(part.text)}" for part in firsts]
    return [Chapter(title, *between) for title, between in zip(titles, pairwise(starts), strict=True)]


def _beginning(text: str, characters: int = 60) -> str:
    line = " ".join(text.split())
    return line if len(line) <= characters else line[:characters].rsplit(" ", 1)[0] + "…"


def _placed_segment(part: Placed) -> PlacedSegment:
    head_trim_s = part.sound.head_trim / part.sound.rate_hz
    return PlacedSegment(part.speaker, part.text, part.start / RATE_HZ, part.stop / RATE_HZ, head_trim_s)
