"""Rules that say which requests go wrong, and how."""

from __future__ import annotations

import re
from collections.abc import Sequence
from threading import Lock
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Vendor = Literal["notion", "elevenlabs", "openai", "s3"]
STATUS = re.compile(r"[45]\d\d")
OWN_WORDS, SLOW, KILL, COMMITTED = "answer", "slow", "kill_client", "503_committed"
LATE = "timeout_late"
SILENCES = frozenset({"timeout_before", "timeout_after"})
RESETS = frozenset({"reset_before", "reset_after"})
NONSENSE_TIMES = "nonsense_times"
SPOILT = frozenset({"truncated", "truncated_chunk", "ended_early", NONSENSE_TIMES})
"""Answers that are spoilt on their way; the work was done."""

KINDS = frozenset({OWN_WORDS, SLOW, KILL, COMMITTED, LATE}) | SPOILT | SILENCES | RESETS
NEEDS = {OWN_WORDS: "status", KILL: "pid", SLOW: "slow_s"}


class FaultRule(BaseModel):
    """One rule.

    Attributes:
        vendor: whose requests.
        method: only these; all where None.
        path: regular expression found in the path; all where None.
        nth: only the nth matching request, 1 for the next one.
        every: each so-manieth matching request.
        times: after so many faults the rule is used up; 1 where neither ``nth`` nor ``every`` is set, else no limit.
        kind: what goes wrong. A status, such as ``429``, is the vendor's own error of that status. ``503_committed`` is
            Notion's 503 after the write was done, with the ids of what was made. ``timeout_before`` and
            ``timeout_after`` keep the client waiting, ``reset_before`` and ``reset_after`` break the connection, before
            or after the work was done. ``timeout_late`` does the work ``slow_s`` after the client gave up waiting.
            ``truncated`` promises the whole body and sends half of it, ``truncated_chunk`` breaks off an answer that
            does not say its length, ``ended_early`` sends half as if it were all. ``nonsense_times`` tells times of
            speech that can't be true. ``slow`` only waits for ``slow_s``.
            ``answer`` is ``status``, ``body`` and ``headers`` as given. ``kill_client`` ends the process ``pid`` by
            SIGKILL. Where it is left out, ``status`` means ``answer`` and ``slow_s`` means ``slow``.
        when: ``after`` does the work first and then answers with the error, or kills.
        retry_after: value of the header ``Retry-After``.
        code: the vendor's code, instead of the usual one of that status.
        message: the vendor's words, instead of the usual ones.
        with_ids: False leaves out the ids of ``503_committed``, as the vendor may.
        slow_s: seconds to wait first, whatever the kind; the longest wait of ``timeout_*``.
        status: of ``answer``.
        body: of ``answer``, or instead of the vendor's own words; text as it is, all else as JSON.
        headers: of ``answer``.
        pid: of ``kill_client``.
    """

    model_config = ConfigDict(extra="forbid")

    vendor: Vendor
    method: str | None = None
    path: str | None = None
    nth: int | None = Field(None, ge=1)
    every: int | None = Field(None, ge=1)
    times: int | None = Field(None, ge=1)
    kind: str
    when: Literal["before", "after"] = "before"
    retry_after: str | int | float | None = None
    code: str | None = None
    message: str | None = None
    with_ids: bool = True
    slow_s: float | None = Field(None, ge=0, le=3600)
    status: int | None = Field(None, ge=200, le=599)
    body: Any = None
    headers: dict[str, str] = {}
    pid: int | None = Field(None, gt=1)

    @model_validator(mode="before")
    @classmethod
    def _with_kind(cls, rule: Any) -> Any:
        if not isinstance(rule, dict) or "kind" in rule:
            return rule
        kind = next((kind for kind in (OWN_WORDS, SLOW) if NEEDS[kind] in rule), None)
        return {**rule, "kind": kind} if kind else rule

    @field_validator("kind")
    @classmethod
    def _is_kind(cls, kind: str) -> str:
        if kind not in KINDS and not STATUS.fullmatch(kind):
            raise ValueError(f"there is no fault {kind}; there are statuses from 400 on and {', '.join(sorted(KINDS))}")
        return kind

    @field_validator("path")
    @classmethod
    def _is_expression(cls, path: str | None) -> str | None:
        try:
            re.compile(path or "")
        except re.error as error:
            raise ValueError(f"{path} is not a regular expression: {error}") from error
        return path

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        needed = NEEDS.get(self.kind)
        if needed and getattr(self, needed) is None:
            raise ValueError(f"a rule of kind {self.kind} needs {needed}")
        if self.kind == COMMITTED and self.vendor != "notion":
            raise ValueError("only Notion has 503_committed; use 503 with when: after")
        if self.kind == NONSENSE_TIMES and self.vendor != "elevenlabs":
            raise ValueError("only ElevenLabs tells times")
        if self.nth and self.every:
            raise ValueError("nth and every exclude each other")
        return self

    @property
    def works_first(self) -> bool:
        """True where the request is carried out before it goes wrong."""
        return self.when == "after" or self.kind in SPOILT | {COMMITTED, "timeout_after", "reset_after"}

    def matches(self, vendor: str, method: str, path: str) -> bool:
        """Tells whether a request is one of the rule's."""
        return (
            vendor == self.vendor
            and (self.method is None or method == self.method.upper())
            and (self.path is None or re.search(self.path, path) is not None)
        )


class Faults:
    """The rules in force, and how often each was met."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rules: list[_Counted] = []

    def add(self, rules: Sequence[FaultRule]) -> None:
        """Adds rules; of several that fit a request the oldest counts."""
        with self._lock:
            self._rules += [_Counted(rule) for rule in rules]

    def clear(self) -> None:
        """Drops all rules."""
        with self._lock:
            self._rules.clear()

    def take(self, vendor: str, method: str, path: str) -> FaultRule | None:
        """Returns the rule that a request falls under, None where all is well; each rule counts all its requests."""
        with self._lock:
            met = [counted.rule for counted in self._rules if counted.meets(vendor, method, path)]
        return met[0] if met else None


class _Counted:
    def __init__(self, rule: FaultRule) -> None:
        self.rule, self._seen, self._used = rule, 0, 0

    def meets(self, vendor: str, method: str, path: str) -> bool:
        rule = self.rule
        limit = rule.times or (None if rule.every else 1)
        if not rule.matches(vendor, method, path) or (limit is not None and self._used >= limit):
            return False
        self._seen += 1
        if rule.nth:
            due = self._seen == rule.nth if rule.times is None else self._seen >= rule.nth
        else:
            due = self._seen % (rule.every or 1) == 0
        self._used += due
        return due
