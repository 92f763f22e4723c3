"""From turns to speech: who speaks with which voice, what is asked of the vendor, and captions."""

from esl_pipeline.speech.captions import Cue, webvtt
from esl_pipeline.speech.casting import Casting, CastVoice, KeptVoice, RunnerUp, cast
from esl_pipeline.speech.choosing import CastingProblem, named_voice
from esl_pipeline.speech.engine import Quota, SpeechEngine, Spoken
from esl_pipeline.speech.expiry import ExpiringVoice, expiring
from esl_pipeline.speech.lyrics import lrc
from esl_pipeline.speech.models import SpeechModel
from esl_pipeline.speech.segments import SegmentRequest, SpokenInput, plan_segments
from esl_pipeline.speech.stretches import cut_times, sentences, timings_of_stretches
from esl_pipeline.speech.timings import CharacterTimings, sane
from esl_pipeline.speech.transcript import transcript
from esl_pipeline.speech.voices import Voice, voices_from_catalogue
from esl_pipeline.speech.words import Word, timed_words

__all__ = [
    "CastVoice",
    "Casting",
    "CastingProblem",
    "CharacterTimings",
    "Cue",
    "ExpiringVoice",
    "KeptVoice",
    "Quota",
    "RunnerUp",
    "SegmentRequest",
    "SpeechEngine",
    "SpeechModel",
    "Spoken",
    "SpokenInput",
    "Voice",
    "Word",
    "cast",
    "cut_times",
    "expiring",
    "lrc",
    "named_voice",
    "plan_segments",
    "sane",
    "sentences",
    "timed_words",
    "timings_of_stretches",
    "transcript",
    "voices_from_catalogue",
    "webvtt",
]
