"""How OpenAI says no.

**Source**: platform.openai.com/docs/guides/error-codes and platform.openai.com/docs/api-reference/audio/createSpeech.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

INVALID_REQUEST = "invalid_request_error"


@dataclass
class RefusedError(Exception):
    """A request that is refused.

    Attributes:
        http_status: of the answer.
        message: for people.
        type: the vendor's class of errors.
        code: the vendor's code; None where it gives none.
        param: the field at fault, None where it is not one field.
    """

    http_status: int
    message: str
    type: str = INVALID_REQUEST
    code: str | None = None
    param: str | None = None

    def body(self) -> dict[str, Any]:
        """Returns the JSON answer."""
        return {"error": {"message": self.message, "type": self.type, "param": self.param, "code": self.code}}


def no_key() -> RefusedError:
    """Refuses a request without a key."""
    return RefusedError(
        401,
        "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth "
        "(i.e. Authorization: Bearer YOUR_KEY).",
    )


def wrong_key() -> RefusedError:
    """Refuses a key that nobody has."""
    return RefusedError(401, "Incorrect API key provided.", code="invalid_api_key")


def no_model(name: str) -> RefusedError:
    """Refuses a model that does not exist."""
    message = f"The model `{name}` does not exist or you do not have access to it."
    return RefusedError(404, message, code="model_not_found")


def no_quota() -> RefusedError:
    """Refuses a request that the account can't pay."""
    message = "You exceeded your current quota, please check your plan and billing details."
    return RefusedError(429, message, "insufficient_quota", "insufficient_quota")


def too_many() -> RefusedError:
    """Refuses a request beside too many others."""
    message = "Rate limit reached for requests. Please try again later."
    return RefusedError(429, message, "requests", "rate_limit_exceeded")


def broken() -> RefusedError:
    """Answers where the voice failed."""
    return RefusedError(500, "The server had an error while processing your request.", "server_error")
