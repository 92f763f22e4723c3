"""What is left of an ElevenLabs account."""

from __future__ import annotations

from esl_pipeline.clients.bodies import garbled, read_object
from esl_pipeline.clients.elevenlabs_errors import lacks_permission
from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.clients.http import HttpCaller
from esl_pipeline.clients.wire import Answer, HttpRequest
from esl_pipeline.speech import Quota


def quota(http: HttpCaller) -> Quota | None:
    """Returns the credits left, with those that may be bought on; None where there is no end or the key may not ask.

    The vendor counts late: what was spoken a moment ago may not be in it yet.
    """
    try:
        return http.call(HttpRequest("GET", "/v1/user/subscription"), _read)
    except RejectedError as refused:
        if lacks_permission(refused):
            return None
        raise


def _read(answer: Answer) -> Quota | None:
    plan = read_object(answer)
    used, limit, more = (
        plan.get(name) for name in ("character_count", "character_limit", "max_credit_limit_extension")
    )
    if type(used) is not int or type(limit) is not int:
        raise garbled("the answer does not tell the credits", answer)
    if more == "unlimited":
        return None
    limit += more if type(more) is int and more > 0 else 0
    return Quota(max(limit - used, 0), limit)
