"""Notion's errors as data.

**Source**: developers.notion.com/reference/status-codes and request-limits, read 2026-09-21.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from esl_pipeline.clients.bodies import describe_page, json_of
from esl_pipeline.clients.faults import Meaning, Outlook, VendorWords
from esl_pipeline.clients.http import Dialect
from esl_pipeline.clients.retry import parse_seconds
from esl_pipeline.clients.wire import Answer

_SHARE = (
    "Check the id. If it is right, share the page or database with the integration: in Notion, ••• → Connections, "
    "then add the integration."
)
_KEY = (
    "Set NOTION_TOKEN, or the secret that notion.token_secret names, to that of an integration at "
    "notion.so/profile/integrations; this one is wrong or old."
)
_RIGHTS = "Give the integration the capabilities to read, insert and update content, at notion.so/profile/integrations."
_REQUEST = "The request breaks Notion's rules; the message says where. If the lesson is fine, report it with the code."
_SLOW_DOWN = "Notion allows so many requests a minute; wait, or publish fewer lessons at once."

CODES: Mapping[str, Meaning] = {
    "invalid_json": Meaning(Outlook.REJECTED, _REQUEST),
    "invalid_request_url": Meaning(Outlook.REJECTED, "Check the base URL, and that the id is of the right kind."),
    "invalid_request": Meaning(Outlook.REJECTED, _REQUEST),
    "missing_version": Meaning(Outlook.REJECTED, "Notion no longer knows the version 2026-03-11; update the program."),
    "invalid_beta": Meaning(Outlook.REJECTED, _REQUEST),
    "validation_error": Meaning(Outlook.REJECTED, _REQUEST),
    "unauthorized": Meaning(Outlook.REJECTED, _KEY),
    "restricted_resource:block_limit": Meaning(
        Outlook.REJECTED,
        "The free workspace is full; its limit counts deleted blocks too. Upgrade the workspace's plan.",
    ),
    "restricted_resource": Meaning(Outlook.REJECTED, _RIGHTS),
    "object_not_found": Meaning(Outlook.REJECTED, _SHARE),
    "row_limit_exceeded": Meaning(Outlook.REJECTED, "The data source is full; archive rows, or use another one."),
    "conflict_error": Meaning(Outlook.CONTESTED, "Somebody edits the page at the same time; try again."),
    "rate_limited:public_api_request_blocked": Meaning(
        Outlook.REJECTED, "Notion has blocked the integration; asking again makes it worse. Write to Notion's support."
    ),
    "rate_limited": Meaning(Outlook.NOT_DONE, _SLOW_DOWN),
    "internal_server_error": Meaning(Outlook.UNSURE),
    "bad_gateway": Meaning(Outlook.UNSURE),
    "service_unavailable": Meaning(Outlook.UNSURE),
    "database_connection_unavailable": Meaning(Outlook.UNSURE),
    "gateway_timeout": Meaning(Outlook.UNSURE),
    "service_overload": Meaning(Outlook.NOT_DONE),
}

ALREADY_GONE = frozenset({"object_not_found"})
_ARCHIVED = re.compile(r"(?i)\b(?:archived|in trash)\b")


def is_archived(message: str) -> bool:
    """Tells whether a ``validation_error`` says that the block, or what it is in, is in the trash."""
    return bool(_ARCHIVED.search(message))


def read_words(answer: Answer) -> VendorWords:
    """Reads a failed answer: Notion's own, the one of its body limit, or a proxy's page."""
    found = json_of(answer)
    body = found if isinstance(found, dict) else {}
    request_id = body.get("request_id") or answer.headers.get("x-notion-request-id") or answer.headers.get("cf-ray")
    more = body.get("additional_data")
    more = more if isinstance(more, dict) else {}
    return VendorWords(
        codes=_codes(body, more),
        message=str(body["message"]) if body.get("message") else describe_page(answer),
        request_id=str(request_id) if request_id else None,
        retry_after_s=parse_seconds(more.get("retry_after")),
        committed_resource_id=next(iter(_strings(more.get("committed_resource_id"))), None),
        committed_child_ids=_strings(more.get("committed_child_ids")),
    )


def _codes(body: Mapping[str, Any], more: Mapping[str, Any]) -> tuple[str, ...]:
    code = body.get("code")
    if not isinstance(code, str):
        return ()
    reasons = [str(more["rate_limit_reason"])] if "rate_limit_reason" in more else []
    reasons += ["block_limit"] if "block_limit" in more else []
    return (*(f"{code}:{reason}" for reason in reasons), code)


def _strings(value: object) -> tuple[str, ...]:
    """Returns the strings of a value of ``additional_data``, which is a string or an array of strings."""
    values = value if isinstance(value, list) else [value]
    return tuple(one for one in values if isinstance(one, str) and one)


NOTION = Dialect("notion", CODES, read_words)
