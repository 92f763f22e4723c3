"""Samples in, one MP3 out: pauses, one loudness, one encoding, chapters and tags."""

from esl_pipeline.audio.measure import Measured, measure
from esl_pipeline.audio.pcm import PcmSegment
from esl_pipeline.audio.track import Track, make_track

__all__ = ["Measured", "PcmSegment", "Track", "make_track", "measure"]
