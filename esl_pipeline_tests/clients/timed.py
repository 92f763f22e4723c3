"""Speech with times, as ElevenLabs answers it."""

from __future__ import annotations

import base64
from typing import Any

from esl_pipeline_tests.clients.scripted import Reply

RATE_HZ = 24_000
PACE_S = 0.06


def sound(text: str) -> bytes:
    """Returns samples that last as long as the even times of a text."""
    return b"\x01\x00" * round(len(text) * PACE_S * RATE_HZ)


def even(text: str) -> dict[str, Any]:
    """Returns an alignment in which each character lasts equally long."""
    return {
        "characters": list(text),
        "character_start_times_seconds": [round(number * PACE_S, 3) for number in range(len(text))],
        "character_end_times_seconds": [round((number + 1) * PACE_S, 3) for number in range(len(text))],
    }


def timed(text: str, alignment: object = None, **more: object) -> Reply:
    """Returns the answer of ``/with-timestamps`` about a text; with even times unless an alignment is given."""
    told = even(text) if alignment is None else alignment
    body = {"audio_base64": base64.b64encode(sound(text)).decode(), "alignment": told, "normalized_alignment": None}
    return Reply(200, {**body, **more}, {"request-id": "q-9", "character-cost": "3"})
