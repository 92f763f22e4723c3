"""Plans for two speakers, Kim and Lee."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from esl_pipeline.lessons.model import Turn
from esl_pipeline.manifests.settings import SpeechSettings
from esl_pipeline.speech import Casting, CastVoice, SegmentRequest, SpeechModel, Voice, plan_segments

CASTING = Casting({"Kim": CastVoice(Voice("v1", "Anna"), "auto"), "Lee": CastVoice(Voice("v2", "Ben"), "auto")})
TURNS = (Turn("Kim", ("Hello!", "How are you?")), Turn("Lee", ("Fine.",)), Turn("Kim", ("Good.",)))
ENDPOINT = "https://api.elevenlabs.io"
STEADY = SpeechModel("steady", 10_000, takes_context=True)
"""Takes long texts, and hears what stands around them."""
SMALL = SpeechModel("small")
"""As careful as with a model that nobody knows: 2,000 characters."""
ACTS = SpeechModel("acts", 5_000, performs_brackets=True, takes_language_code=True, dialogue_characters=1_500)


def plan(
    turns: Sequence[Turn] = TURNS,
    model: SpeechModel = STEADY,
    *,
    casting: Casting = CASTING,
    endpoint: str = ENDPOINT,
    speed: float = 1.0,
    **speech: Any,
) -> tuple[SegmentRequest, ...]:
    settings = SpeechSettings(**speech)
    return plan_segments(turns, casting, settings, engine="any", endpoint=endpoint, model=model, speed=speed)


def texts(requests: Sequence[SegmentRequest]) -> list[str]:
    return [one.text for request in requests for one in request.inputs]


def hashes(requests: Sequence[SegmentRequest]) -> list[str]:
    return [request.sha256 for request in requests]
