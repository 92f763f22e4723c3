"""A track to write down: each sentence, time to write it, and the sentence again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from esl_pipeline.audio.mix import RATE_HZ, Part
from esl_pipeline.audio.pcm import PcmSegment
from esl_pipeline.audio.quiet import cut
from esl_pipeline.audio.segments import TrackSegment
from esl_pipeline.audio.track import Track, track_of
from esl_pipeline.manifests.settings import AudioSettings
from esl_pipeline.speech import CharacterTimings

SHORTEST_PAUSE_S = 1.0


@dataclass(frozen=True, slots=True)
class DictationSegment:
    """A segment and the sentences in it.

    Attributes:
        sentences: 1 or more, as they were sent to the engine, none of them empty.
        timings: of the segment's own sound, where the engine told them; else the pauses decide.
        written: what captions show in place of the sentences, as many; none where it is the same.
    """

    segment: TrackSegment
    sentences: tuple[str, ...]
    timings: CharacterTimings | None = None
    written: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.sentences or not all(self.sentences):
            raise ValueError(f"the dictation of {self.segment.speaker} has no sentence, or an empty one")
        if self.written and len(self.written) != len(self.sentences):
            counts = f"{len(self.sentences)} sentences, but {len(self.written)} to show"
            raise ValueError(f"the dictation of {self.segment.speaker} has {counts}")


def make_dictation(
    segments: Sequence[DictationSegment],
    settings: AudioSettings,
    *,
    tags: Mapping[str, str],
    cover: bytes | None = None,
) -> Track:
    """Makes a track in which each sentence is heard twice, with a pause of its length between, of a second at least.

    All else is as in ``make_track``; after each sentence there is the pause of a turn.

    Raises:
        ValueError: there is no segment; TruncatedSegmentError and CoverError as in ``make_track``.
    """
    return track_of(_parts(segments, settings), settings, tags, cover)


def _parts(segments: Sequence[DictationSegment], settings: AudioSettings) -> Iterator[Part]:
    new_turn = True
    for dictated in segments:
        for sentence in _stretches(dictated):
            yield Part(sentence, settings.pause_ms, new_turn=new_turn, again=_time_to_write)
            new_turn = False
        new_turn = dictated.segment.pause_after == "turn"


def _time_to_write(length: int) -> int:
    return max(length, round(SHORTEST_PAUSE_S * RATE_HZ))


def _stretches(dictated: DictationSegment) -> Iterator[PcmSegment]:
    whole = dictated.segment.loaded()
    weights = [len(sentence) for sentence in dictated.sentences]
    places = cut(whole.samples, whole.sample_rate_hz, weights, dictated.timings)
    for (begin, samples), text in zip(places, dictated.written or dictated.sentences, strict=True):
        pcm = whole.samples[2 * begin : 2 * (begin + samples)]
        yield PcmSegment(pcm, whole.sample_rate_hz, whole.speaker, text)
