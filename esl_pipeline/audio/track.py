"""One track of all segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from esl_pipeline.audio.loudness import SILENCE_LUFS, integrated_loudness_lufs
from esl_pipeline.audio.master import master
from esl_pipeline.audio.mp3 import Chapter, encodable_length
from esl_pipeline.audio.pcm import PcmSegment, Samples, Trimmed, trim
from esl_pipeline.audio.tags import track_tags
from esl_pipeline.manifests.settings import AudioSettings
from esl_pipeline.speech import Cue

RATE_HZ = 44_100
MAX_SPEAKER_GAIN_DB = 30.0
"""A speaker who is quieter than the target by more is hardly there: only noise would come up."""
MAX_CHAPTERS = 255
"""Entries of an ID3 table of contents; beyond, several turns share a chapter.

**Source**: ID3v2 Chapter Frame Addendum 1.0, section 3.2 (the entry count is one byte).
"""


@dataclass(frozen=True, slots=True)
class Track:
    """An MP3 and what is known of it.

    Attributes:
        samples: length, as planned and as it decodes.
        loudness_lufs: integrated, measured on the MP3; −70 for silence.
        true_peak_dbtp: measured on the MP3.
        cues: one per segment, in playing order.
    """

    mp3: bytes = field(repr=False)
    samples: int
    sample_rate_hz: int
    loudness_lufs: float
    true_peak_dbtp: float
    cues: tuple[Cue, ...]


@dataclass(frozen=True, slots=True)
class _Placed:
    """A segment's samples in the track: ``start`` up to ``stop``."""

    sound: Trimmed
    start: int
    stop: int


def make_track(
    segments: Sequence[PcmSegment], settings: AudioSettings, *, title: str, student: str, language: str
) -> Track:
    """Joins segments with pauses, brings the speakers to one loudness and encodes once.

    The same arguments give the same bytes. Silence of more than a breath at the ends of a segment is taken away. The
    target is met within 0.5 LU unless the peaks would have to be crushed for it; the true peak is always kept.

    Args:
        segments: 1 or more, in playing order, of any sample rates.
        settings: pauses, loudness, peak, bit rate.
        title: of the lesson.
        student: the artist in the tags.
        language: ISO 639-1 code for the tags.

    Raises:
        ValueError: there is no segment.
    """
    if not segments:
        raise ValueError("a track needs at least one segment")
    placed = _place([trim(segment) for segment in segments], settings)
    samples = np.zeros(encodable_length(placed[-1].stop + _samples_of(settings.end_pause_ms)), np.float32)
    for part in placed:
        samples[part.start : part.stop] = part.sound.samples_at(RATE_HZ)
    _level_speakers(samples, placed, settings.loudness_lufs)
    tags = track_tags(title, student, language)
    mp3, measured = master(samples, RATE_HZ, settings, tags, _chapters(placed, samples.size))
    return Track(
        mp3,
        samples.size,
        RATE_HZ,
        measured.loudness_lufs,
        measured.true_peak_dbtp,
        tuple(_cue(part) for part in placed),
    )


def _samples_of(pause_ms: int) -> int:
    return round(pause_ms * RATE_HZ / 1000)


def _place(sounds: Sequence[Trimmed], settings: AudioSettings) -> list[_Placed]:
    placed: list[_Placed] = []
    for sound in sounds:
        start = placed[-1].stop + _samples_of(settings.pause_ms) if placed else 0
        placed.append(_Placed(sound, start, start + sound.length_at(RATE_HZ)))
    return placed


def _level_speakers(samples: Samples, placed: Sequence[_Placed], target_lufs: float) -> None:
    """Brings each speaker to the target, by one gain for all they say: single words measure badly."""
    for speaker in dict.fromkeys(part.sound.segment.speaker for part in placed):
        parts = [samples[part.start : part.stop] for part in placed if part.sound.segment.speaker == speaker]
        loudness_lufs = integrated_loudness_lufs(np.concatenate(parts), RATE_HZ)
        if loudness_lufs > SILENCE_LUFS:
            gain_db = np.clip(target_lufs - loudness_lufs, -MAX_SPEAKER_GAIN_DB, MAX_SPEAKER_GAIN_DB)
            for part in parts:
                part *= np.float32(10 ** (gain_db / 20))


def _chapters(placed: Sequence[_Placed], samples: int) -> list[Chapter]:
    firsts = placed[:: -(-len(placed) // MAX_CHAPTERS)]
    starts = [*(part.start for part in firsts), samples]
    titles = [f"{part.sound.segment.speaker}: {_beginning(part.sound.segment.text)}" for part in firsts]
    return [Chapter(title, *between) for title, between in zip(titles, pairwise(starts), strict=True)]


def _beginning(text: str, characters: int = 60) -> str:
    line = " ".join(text.split())
    return line if len(line) <= characters else line[:characters].rsplit(" ", 1)[0] + "…"


def _cue(part: _Placed) -> Cue:
    segment = part.sound.segment
    return Cue(segment.speaker, segment.text, part.start / RATE_HZ, part.stop / RATE_HZ)
