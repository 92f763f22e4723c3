"""From turns to speech: who speaks with which voice, what is asked of the vendor, and captions."""

from esl_pipeline.speech.captions import Cue, webvtt
from esl_pipeline.speech.casting import Casting, CastingProblem, CastVoice, cast
from esl_pipeline.speech.models import SpeechModel, speech_model
from esl_pipeline.speech.segments import SegmentRequest, plan_segments
from esl_pipeline.speech.voices import Voice, voices_from_catalogue

__all__ = [
    "CastVoice",
    "Casting",
    "CastingProblem",
    "Cue",
    "SegmentRequest",
    "SpeechModel",
    "Voice",
    "cast",
    "plan_segments",
    "speech_model",
    "voices_from_catalogue",
    "webvtt",
]
