"""What the vendors' stand-ins are told before the load, and what they tell after it."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3

from esl_pipeline.sandbox.launcher import SandboxAddresses
from esl_pipeline.sandbox.notion import PLAIN_DATA_SOURCE_ID

DELAYS = {"notion_s": 0.25, "speech_s": 1.5, "speech_s_per_character": 0.01, "s3_s": 0.1}
"""Of the order that the vendors show from a European server."""
REQUESTS_PER_MINUTE = 180
"""Notion's window for each token."""


@dataclass(frozen=True)
class Counted:
    """The most requests of one credential in any minute and at once; ``refused`` because they were too many, of all."""

    in_window: int
    at_once: int
    refused: int


@dataclass(frozen=True)
class Vendors:
    """The sandbox, asked as its owner."""

    at: SandboxAddresses

    def begin(self, delays: dict[str, float]) -> None:
        """Makes them as slow and as strict as the real ones, with an account that pays for everything."""
        self._control("delays", delays)
        self._control("limits", {"connection": REQUESTS_PER_MINUTE})
        self._control("elevenlabs", {"characters": 1_000_000_000})
        self._control("traffic", {})

    def hurry(self) -> None:
        """Takes slowness and strictness away, for those who only look at what came out."""
        self._control("delays", dict.fromkeys(DELAYS, 0.0))
        self._control("limits", {})

    def requests(self) -> list[dict[str, Any]]:
        """The requests so far, oldest first."""
        found: list[dict[str, Any]] = self._control("requests")
        return found

    def traffic(self) -> dict[str, Counted]:
        """What each vendor got from the credential that sent most, and how often it refused any, since ``begin``."""
        found = {}
        for vendor, credentials in self._control("traffic").items():
            counts = credentials.values()
            found[vendor] = Counted(
                in_window=max(count["most_in_window"] for count in counts),
                at_once=max(count["most_at_once"] for count in counts),
                refused=sum(count["refused"] for count in counts),
            )
        return found

    def pages(self) -> list[dict[str, Any]]:
        """The pages that are not in the trash."""
        return list(self._listed("POST", f"data_sources/{PLAIN_DATA_SOURCE_ID}/query"))

    def players(self, page_id: str) -> list[str]:
        """The addresses of the audio blocks on a page."""
        blocks = self._listed("GET", f"blocks/{page_id}/children")
        return [block["audio"]["external"]["url"] for block in blocks if block["type"] == "audio"]

    def bought(self) -> list[dict[str, Any]]:
        """All that was spoken, newest first."""
        found: list[dict[str, Any]] = []
        after = ""
        while True:
            url = f"{self.at.elevenlabs_url}/v1/history?page_size=1000{after}"
            answer = json.loads(_ask("GET", url, {"xi-api-key": "sk_watching"}))
            found += answer["history"]
            if not answer["has_more"]:
                return found
            after = f"&start_after_history_item_id={answer['last_history_item_id']}"

    def billed(self) -> int:
        """Characters that were paid for so far."""
        answer = json.loads(
            _ask("GET", f"{self.at.elevenlabs_url}/v1/user/subscription", {"xi-api-key": "sk_watching"})
        )
        return int(answer["character_count"])

    def objects(self) -> list[str]:
        """The keys in the bucket."""
        s3 = boto3.client(
            "s3",
            endpoint_url=self.at.s3_url,
            region_name="us-east-1",
            aws_access_key_id="sandbox",
            aws_secret_access_key="sandbox",
        )
        listed = s3.get_paginator("list_objects_v2").paginate(Bucket=self.at.bucket)
        return [entry["Key"] for page in listed for entry in page.get("Contents", [])]

    def _listed(self, method: str, path: str) -> Iterator[dict[str, Any]]:
        cursor: str | None = None
        while True:
            more = {"page_size": 100} | ({"start_cursor": cursor} if cursor else {})
            query = "" if method == "POST" else "?" + "&".join(f"{name}={value}" for name, value in more.items())
            headers = {"Authorization": "Bearer ntn_watching", "Notion-Version": "2026-03-11"}
            answer = json.loads(
                _ask(method, f"{self.at.notion_url}/v1/{path}{query}", headers, more if method == "POST" else None)
            )
            yield from answer["results"]
            if not answer["has_more"]:
                return
            cursor = answer["next_cursor"]

    def _control(self, what: str, body: object = None) -> Any:
        return json.loads(_ask("GET" if body is None else "POST", f"{self.at.viewer_url}/_sandbox/{what}", {}, body))


def _ask(method: str, url: str, headers: dict[str, str], body: object = None) -> bytes:
    content = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(url, content, {**headers, "Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(asked, timeout=60) as answer:
        return bytes(answer.read())
