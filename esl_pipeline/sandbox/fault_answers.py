"""Errors that are injected, each in its vendor's own words."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

from esl_pipeline.sandbox.fault_rules import COMMITTED, OWN_WORDS, FaultRule

Json = dict[str, Any]

NOTION_CODES: Mapping[int, tuple[str, str]] = {
    401: ("unauthorized", "API token is invalid."),
    403: ("restricted_resource", "Insufficient permissions for this endpoint."),
    404: ("object_not_found", "Could not find the object. Make sure it is shared with your connection."),
    409: ("conflict_error", "Conflict occurred while saving. Please try again."),
    429: ("rate_limited", "You have been rate limited. Please try again in a few minutes."),
    500: ("internal_server_error", "Unexpected error occurred."),
    502: ("bad_gateway", "Bad gateway."),
    503: ("service_unavailable", "Public API service is temporarily unavailable, please try again later."),
    504: ("gateway_timeout", "Gateway timed out."),
    529: ("service_overload", "The service is overloaded, please try again later."),
}
"""**Source**: developers.notion.com/reference/status-codes, read 2026-11-23."""

ELEVENLABS_CODES: Mapping[int, tuple[str, str, str]] = {
    401: ("authentication_error", "invalid_api_key", "Invalid API key."),
    409: ("conflict", "conflict", "The resource is being changed."),
    429: ("rate_limit_error", "rate_limit_exceeded", "Rate limit exceeded."),
    500: ("internal_error", "internal_server_error", "An internal error occurred."),
    503: ("service_unavailable", "service_unavailable", "The service is unavailable."),
    529: ("rate_limit_error", "system_busy", "The system is busy."),
}
"""**Source**: elevenlabs.io/docs/eleven-api/resources/errors, read 2026-11-23; 502 and 504 are HTML of proxies."""

ELEVENLABS_MESSAGES: Mapping[str, str] = {
    "concurrent_limit_exceeded": "Too many concurrent requests.",
    "system_busy": "The system is busy. Please try again later.",
    "quota_exceeded": "This request exceeds your quota. You have 0 credits remaining.",
    "missing_permissions": "The API key you used is missing a permission to execute this operation.",
}
"""Of codes that are not the usual ones of their status."""

OPENAI_CODES: Mapping[int, tuple[str, str | None, str]] = {
    401: ("invalid_request_error", "invalid_api_key", "Incorrect API key provided."),
    429: ("requests", "rate_limit_exceeded", "Rate limit reached for requests. Please try again later."),
    500: ("server_error", None, "The server had an error while processing your request."),
    503: ("server_error", None, "The engine is currently overloaded, please try again later."),
}
"""**Source**: platform.openai.com/docs/guides/error-codes; 502 and 504 are HTML of proxies."""

FROM_PROXIES = frozenset({502, 504})

S3_CODES: Mapping[int, tuple[str, str]] = {
    403: ("AccessDenied", "Access Denied."),
    409: ("OperationAborted", "A conflicting conditional operation is currently in progress."),
    429: ("TooManyRequests", "Please reduce your request rate."),
    500: ("InternalError", "We encountered an internal error. Please try again."),
    503: ("SlowDown", "Please reduce your request rate."),
}
"""**Source**: docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html."""


def fault_answer(rule: FaultRule, committed: Json) -> Response:
    """Returns the answer of a rule.

    Args:
        rule: of a kind that answers.
        committed: Notion's ids of what was written all the same; empty where it does not tell.
    """
    status = rule.status if rule.kind == OWN_WORDS else int(rule.kind.removesuffix("_committed"))
    if rule.kind == OWN_WORDS or rule.body is not None:
        text = rule.body if isinstance(rule.body, str) else json.dumps(rule.body)
        answer = Response(text, status, mimetype="text/plain" if isinstance(rule.body, str) else "application/json")
    else:
        answer = _ANSWERS[rule.vendor](status or 0, rule, committed)
    answer.headers.update(rule.headers)
    if rule.retry_after is not None:
        answer.headers["Retry-After"] = str(rule.retry_after)
    return answer


def _notion(status: int, rule: FaultRule, committed: Json) -> Response:
    code, message = NOTION_CODES.get(status, ("validation_error", "The request is not valid."))
    request_id = str(uuid.uuid4())
    body: Json = {"object": "error", "status": status, "code": rule.code or code, "message": rule.message or message}
    if rule.kind == COMMITTED:
        guidance = ["Read the object again to see whether the write was saved.", "Do not repeat the write."]
        body["additional_data"] = {"retry_guidance": guidance, "elapsed_ms": "55012", "deadline_ms": "55000"}
        body["additional_data"] |= committed if rule.with_ids else {}
    elif status == 429:
        reason = {"rate_limit_reason": "public_api_request_rate_limit", "retry_after": str(rule.retry_after or 1)}
        body["additional_data"] = reason
    answer = _json({**body, "request_id": request_id}, status)
    answer.headers["x-notion-request-id"] = request_id
    return answer


def _elevenlabs(status: int, rule: FaultRule, _: Json) -> Response:
    request_id = uuid.uuid4().hex
    if status in FROM_PROXIES:
        return Response(f"<html><body><h1>{status}</h1></body></html>", status, mimetype="text/html")
    unknown = ("invalid_request", "invalid_request", "The request is not valid.")
    type_, code, message = ELEVENLABS_CODES.get(status, unknown)
    code = rule.code or code
    detail = {
        "type": type_,
        "code": code,
        "message": rule.message or ELEVENLABS_MESSAGES.get(code, message),
        "status": "too_many_concurrent_requests" if code == "concurrent_limit_exceeded" else code,
        "request_id": request_id,
        "param": None,
    }
    answer = _json({"detail": detail}, status)
    answer.headers["request-id"] = request_id
    return answer


def _openai(status: int, rule: FaultRule, _: Json) -> Response:
    if status in FROM_PROXIES:
        return Response(f"<html><body><h1>{status}</h1></body></html>", status, mimetype="text/html")
    unknown = ("invalid_request_error", None, "The request is not valid.")
    type_, code, message = OPENAI_CODES.get(status, unknown)
    type_ = rule.code if rule.code == "insufficient_quota" else type_
    error = {"message": rule.message or message, "type": type_, "param": None, "code": rule.code or code}
    answer = _json({"error": error}, status)
    answer.headers["x-request-id"] = f"req_{uuid.uuid4().hex}"
    return answer


def _s3(status: int, rule: FaultRule, _: Json) -> Response:
    code, message = S3_CODES.get(status, ("ServiceUnavailable", "Please try again."))
    request_id = uuid.uuid4().hex[:16].upper()
    xml = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{escape(rule.code or code)}</Code><Message>{escape(rule.message or message)}</Message>"
        f"<RequestId>{request_id}</RequestId><HostId>sandbox</HostId></Error>"
    )
    return Response(xml, status, {"x-amz-request-id": request_id}, content_type="application/xml")


_ANSWERS: Mapping[str, Callable[[int, FaultRule, Json], Response]] = {
    "notion": _notion,
    "elevenlabs": _elevenlabs,
    "openai": _openai,
    "s3": _s3,
}


def _json(body: Json, status: int) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), status, content_type="application/json; charset=utf-8")
