"""Times that can't be true, as the vendor tells them of long dialogues.

**Source**: elevenlabs/elevenlabs-python, issues 707 and 760, read 2026-11-23: segments of no length, segments that
overlap, and times that stand still.
"""

from __future__ import annotations

import json
from typing import Any

from werkzeug.wrappers import Response

Json = dict[str, Any]


def with_nonsense_times(done: Response) -> Response:
    """Returns an answer with the same audio, its times spoilt; one without times stays as it is."""
    if not (done.content_type or "").startswith("application/json"):
        return done
    body: Json = json.loads(done.get_data())
    for name in ("alignment", "normalized_alignment"):
        if body.get(name):
            body[name] = _standing_still(body[name])
    if "voice_segments" in body:
        body["voice_segments"] = [
            _overlapping(segment) if number % 2 else _of_no_length(segment)
            for number, segment in enumerate(body["voice_segments"])
        ]
    spoilt = Response(json.dumps(body), done.status_code, list(done.headers), content_type=done.content_type)
    spoilt.headers["Content-Length"] = str(len(spoilt.get_data()))
    return spoilt


def _standing_still(alignment: Json) -> Json:
    """From the middle on all is heard at the same moment."""
    starts, ends = alignment["character_start_times_seconds"], alignment["character_end_times_seconds"]
    middle = len(starts) // 2
    stuck = [*starts[:middle], *[starts[middle]] * (len(starts) - middle)] if starts else []
    ended = [*ends[:middle], *[starts[middle]] * (len(ends) - middle)] if ends else []
    return {**alignment, "character_start_times_seconds": stuck, "character_end_times_seconds": ended}


def _of_no_length(segment: Json) -> Json:
    return {**segment, "end_time_seconds": segment["start_time_seconds"]}


def _overlapping(segment: Json) -> Json:
    return {**segment, "start_time_seconds": 0.0}
