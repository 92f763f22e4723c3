"""Reads the bodies of answers."""

from __future__ import annotations

import json
import re
from typing import Any

from esl_pipeline.clients.faults import Fault, FaultError, Meaning, Outlook, VendorWords
from esl_pipeline.clients.wire import Answer


def json_of(answer: Answer) -> Any:
    """Returns the JSON of an answer, None where it is none."""
    try:
        return json.loads(answer.content)
    except ValueError:
        return None


def read_object(answer: Answer) -> dict[str, Any]:
    """Returns the JSON object of a 2xx answer.

    Raises:
        FaultError: there is none.
    """
    content = json_of(answer)
    if not isinstance(content, dict):
        raise garbled("the answer is not a JSON object", answer)
    return content


def garbled(message: str, answer: Answer, request_id: str | None = None) -> FaultError:
    """Returns the error of a 2xx answer that makes no sense; what was asked may have been done."""
    words = VendorWords(message=message, request_id=request_id)
    return FaultError(Fault("garbled", Meaning(Outlook.UNSURE), words, answer.status))


def describe_page(answer: Answer) -> str:
    """Returns words for an answer without a message, such as the page of a proxy: its title; of any length."""
    text = answer.content.decode("utf-8", "replace")
    title = re.search(r"(?is)<title[^>]*>(.*?)</title>", text)
    shown = re.sub(r"<[^>]*>", " ", title.group(1) if title else text)
    return " ".join(shown.split()) or "the answer is empty"
