"""The manifest that the TypeScript pipeline left beside a lesson: where its page and its audio are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from esl_pipeline.manifests.errors import AskingError
from esl_pipeline.manifests.notion_ids import page_id
from esl_pipeline.manifests.places import START
from esl_pipeline.manifests.rules import Rule, broken

SUFFIX = ".manifest.json"
VERSION = 1
"""The only one there was; where none is given, it is this one."""


@dataclass(frozen=True, slots=True)
class PredecessorManifest:
    """What is of use of it; ``audio_url`` is empty where no audio was uploaded."""

    page_id: str
    audio_url: str = ""


def read_predecessor(content: str, *, file: str) -> PredecessorManifest:
    """Reads such a manifest.

    Raises:
        AskingError: it is none, of another version, or names no page.
    """
    document = _document(content, file)
    version = document.get("schemaVersion", VERSION)
    if version != VERSION or isinstance(version, bool):
        fix = f"Only version {VERSION} is known. Adopt the page by its address: esl pages adopt"
        raise _error(Rule.VERSION, file, f"schemaVersion is {json.dumps(version)[:40]}.", fix)
    return PredecessorManifest(_page(document, file), _audio_url(document))


def _document(content: str, file: str) -> Mapping[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise _error(Rule.SYNTAX, file, "The file is not a JSON object.", f"Give the *{SUFFIX} beside the lesson.")
    return document


def _page(document: Mapping[str, Any], file: str) -> str:
    named = [document[name] for name in ("pageId", "pageUrl") if document.get(name)]
    for value in named:
        try:
            return page_id(str(value))
        except ValueError:
            continue
    said = (
        "The manifest's page id is none." if named else "The manifest names no page: none was made, or only on trial."
    )
    raise _error(Rule.VALUE, file, said, "Publish the lesson anew, or adopt a page by its address: esl pages adopt")


def _audio_url(document: Mapping[str, Any]) -> str:
    audio = document.get("audio")
    url = audio.get("url") if isinstance(audio, dict) else None
    return url if isinstance(url, str) else ""


def _error(rule: Rule, file: str, message: str, fix: str) -> AskingError:
    return AskingError((broken(rule, file, START, message, fix),))
