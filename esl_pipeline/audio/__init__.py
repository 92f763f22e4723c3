"""Samples in, one MP3 out: pauses, one loudness, one encoding, chapters, tags and a cover; and what is made of them."""

from esl_pipeline.audio.cover import MAX_COVER_BYTES, Cover, CoverError, read_cover
from esl_pipeline.audio.dictation import DictationSegment, make_dictation
from esl_pipeline.audio.measure import Measured, measure
from esl_pipeline.audio.quiet import cut, is_silent, pauses
from esl_pipeline.audio.segments import TrackSegment, TruncatedSegmentError
from esl_pipeline.audio.slow import slowed
from esl_pipeline.audio.speakers import loudness_by_speaker_lufs
from esl_pipeline.audio.tags import track_tags
from esl_pipeline.audio.track import PlacedSegment, Track, make_track

__all__ = [
    "MAX_COVER_BYTES",
    "Cover",
    "CoverError",
    "DictationSegment",
    "Measured",
    "PlacedSegment",
    "Track",
    "TrackSegment",
    "TruncatedSegmentError",
    "cut",
    "is_silent",
    "loudness_by_speaker_lufs",
    "make_dictation",
    "make_track",
    "measure",
    "pauses",
    "read_cover",
    "slowed",
    "track_tags",
]
