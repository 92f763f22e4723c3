"""Answers against the vendor's own OpenAPI document."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import jsonschema
import pytest

from esl_pipeline_tests.contracts import SHARED


@cache
def contract() -> dict[str, Any]:
    file = SHARED / "openapi/elevenlabs.json"
    if not file.is_file():
        pytest.skip("the shared folder is absent")
    document: dict[str, Any] = json.loads(file.read_text("utf-8"))
    # The document has a list where the schema of this property belongs.
    del document["components"]["schemas"]["SpeechHistoryItemResponseModel"]["properties"]["state"]
    return document


def check_answer(method: str, route: str, answer: object) -> None:
    """Asserts that the document allows a good answer.

    Args:
        method: of HTTP, in lower case.
        route: as the document names it.
        answer: its JSON.
    """
    schema = contract()["paths"][route][method]["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(answer, {**schema, "components": contract()["components"]})
