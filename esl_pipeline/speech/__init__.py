"""From turns to speech: who speaks with which voice, what is asked of the vendor, and captions."""

from esl_pipeline.speech.captions import Cue, webvtt
from esl_pipeline.speech.casting import Casting, CastingProblem, CastVoice, cast
from esl_pipeline.speech.engine import Quota, SpeechEngine, Spoken
from esl_pipeline.speech.models import SpeechModel
from esl_pipeline.speech.segments import SegmentRequest, SpokenInput, plan_segments
from esl_pipeline.speech.timings import CharacterTimings
from esl_pipeline.speech.voices import Voice, voices_from_catalogue

__all__ = [
    "CastVoice",
    "Casting",
    "CastingProblem",
    "CharacterTimings",
    "Cue",
    "Quota",
    "SegmentRequest",
    "SpeechEngine",
    "SpeechModel",
    "Spoken",
    "SpokenInput",
    "Voice",
    "cast",
    "plan_segments",
    "voices_from_catalogue",
    "webvtt",
]
