"""The segments of a publication, as tracks and captions are made of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from esl_pipeline.audio import DictationSegment, PlacedSegment, TrackSegment
from esl_pipeline.speech.captions import Cue
from esl_pipeline.speech.stretches import sentences, timings_of_stretches
from esl_pipeline.speech.timings import CharacterTimings, sane
from esl_pipeline.speech.words import Word, timed_words
from esl_pipeline.stages.segment_file import TIMINGS, WAV, from_timings_file, from_wav
from esl_pipeline.stores.protocols import ArtifactStore
from esl_pipeline.stores.publication import SegmentPublication


class MissingSegmentsError(Exception):
    """The segments are not there yet; run the speech stage first."""


@dataclass(frozen=True)
class StoredSegments:
    """Segments in playing order, with the store that has their sound; it is read when it is asked for."""

    tenant: str
    artifacts: ArtifactStore
    segments: Sequence[SegmentPublication]

    def sounds(self) -> list[TrackSegment]:
        """Returns what the mixer takes, with the lesson's own words."""
        return [self._sound(segment) for segment in self.segments]

    def timings(self) -> list[CharacterTimings | None]:
        """Returns when each segment's characters are heard, from the start of its request's sound; None if unknown."""
        return [found for request in _by_request(self.segments) for found in self._timings(request)]

    def cues(self, placed: Sequence[PlacedSegment], *, words: bool, pace: float = 1.0) -> tuple[Cue, ...]:
        """Returns a caption per segment.

        Args:
            placed: where the segments are in the track.
            words: whether to say when each word is heard, where that is known.
            pace: of the track, against that of the stored sound.
        """
        timings = self.timings() if words else [None] * len(self.segments)
        return tuple(
            _cue(segment, place, found, pace)
            for segment, place, found in zip(self.segments, placed, timings, strict=True)
        )

    def dictated(self) -> list[DictationSegment]:
        """Returns the segments with their sentences."""
        return [
            _dictated(segment, sound, found)
            for segment, sound, found in zip(self.segments, self.sounds(), self.timings(), strict=True)
        ]

    def _sound(self, segment: SegmentPublication) -> TrackSegment:
        def load() -> tuple[bytes, int]:
            try:
                return from_wav(self.artifacts.get(self.tenant, segment.sha256, WAV))
            except KeyError as error:
                why = f"The speech of {segment.speaker} ({segment.text[:40]!r}) is missing. Run audio_segments again."
                raise MissingSegmentsError(why) from error

        where = segment.begin, segment.samples
        return TrackSegment(segment.speaker, written(segment), load, segment.pause_after, *where)

    def _timings(self, request: Sequence[SegmentPublication]) -> Sequence[CharacterTimings | None]:
        unknown = [None] * len(request)
        try:
            told = from_timings_file(self.artifacts.get(self.tenant, request[0].sha256, TIMINGS))
        except KeyError:
            return unknown
        last = request[-1]
        if not sane(told, (last.begin + last.samples) / last.sample_rate_hz):
            return unknown
        if len(request) == 1:
            return [told]
        return timings_of_stretches([len(segment.text) for segment in request], told) or unknown


def written(segment: SegmentPublication) -> str:
    """Returns the segment's words as they stand in the lesson."""
    return segment.written or segment.text


def _by_request(segments: Sequence[SegmentPublication]) -> Iterator[list[SegmentPublication]]:
    """Yields the stretches of one request's sound together; they follow one another."""
    together: list[SegmentPublication] = []
    for segment in segments:
        if together and (segment.sha256 != together[0].sha256 or segment.begin == 0):
            yield together
            together = []
        together.append(segment)
    if together:
        yield together


def _cue(segment: SegmentPublication, place: PlacedSegment, told: CharacterTimings | None, pace: float) -> Cue:
    words: tuple[Word, ...] = ()
    if told:
        words = timed_words(
            place.text,
            _at_pace(told, pace),
            head_s=segment.begin / segment.sample_rate_hz / pace + place.head_trim_s,
            length_s=place.end_s - place.start_s,
            offset_s=place.start_s,
        )
    return Cue(place.speaker, place.text, place.start_s, place.end_s, words, segment.pause_after)


def _dictated(segment: SegmentPublication, sound: TrackSegment, told: CharacterTimings | None) -> DictationSegment:
    sent = sentences(segment.text) or (segment.text,)
    shown = sentences(written(segment))
    own = _at_pace(told, 1.0, segment.begin / segment.sample_rate_hz) if told else None
    return DictationSegment(sound, sent, own, shown if len(shown) == len(sent) else ())


def _at_pace(told: CharacterTimings, pace: float, begin_s: float = 0.0) -> CharacterTimings:
    """Returns the times of a sound that begins later, at another pace."""
    starts, ends = (tuple((time - begin_s) / pace for time in times) for times in (told.starts_s, told.ends_s))
    return CharacterTimings(told.characters, starts, ends)
