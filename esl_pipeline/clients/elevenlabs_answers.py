"""What ElevenLabs answers with speech; whatever makes no sense may have been billed all the same."""

from __future__ import annotations

import base64
import math

from esl_pipeline.clients.bodies import garbled, read_object
from esl_pipeline.clients.elevenlabs_requests import SAMPLE_RATE_HZ
from esl_pipeline.clients.elevenlabs_timings import read_timings
from esl_pipeline.clients.sounds import is_words
from esl_pipeline.clients.wire import Answer
from esl_pipeline.speech import CharacterTimings, SegmentRequest, Spoken


def read_sound(answer: Answer) -> Spoken:
    """Reads bare samples.

    Raises:
        FaultError: there are none, or they end in the middle of one.
    """
    if is_words(answer.headers.get("content-type", "")):
        raise garbled("the answer is not audio", answer, answer.headers.get("request-id"))
    return _spoken(answer, answer.content)


def read_timed_sound(answer: Answer, request: SegmentRequest) -> Spoken:
    """Reads samples and when each character is heard; times that can't be right are left out.

    Raises:
        FaultError: there are no whole samples.
    """
    body = read_object(answer)
    encoded = body.get("audio_base64")
    try:
        sound = base64.b64decode(encoded, validate=True) if isinstance(encoded, str) else b""
    except ValueError:
        raise garbled("the audio can't be unpacked", answer, answer.headers.get("request-id")) from None
    text, length_s = "".join(one.text for one in request.inputs), len(sound) / 2 / SAMPLE_RATE_HZ
    return _spoken(answer, sound, read_timings(body.get("alignment"), text, length_s))


def _spoken(answer: Answer, sound: bytes, timings: CharacterTimings | None = None) -> Spoken:
    request_id = answer.headers.get("request-id")
    if not sound:
        raise garbled("the answer has no audio", answer, request_id)
    if len(sound) % 2:
        raise garbled("the audio ends in the middle of a sample", answer, request_id)
    return Spoken(sound, SAMPLE_RATE_HZ, _character_cost(answer), request_id, timings)


def _character_cost(answer: Answer) -> int | None:
    """Returns the ``character-cost`` header, rounded up; it is documented nowhere, so anything may be in it."""
    try:
        cost = float(answer.headers.get("character-cost", ""))
    except ValueError:
        return None
    return math.ceil(cost) if math.isfinite(cost) and cost >= 0 else None
