"""What goes wrong at one request."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

STORMY = 0.3
GUIDANCE = {
    "object": "error",
    "status": 503,
    "code": "service_unavailable",
    "message": "Public API service is temporarily unavailable, please try again later.",
    "additional_data": {"retry_guidance": ["Try again with a smaller page_size."]},
    "request_id": "5eed0000-0000-4000-8000-00000000ffff",
}


@dataclass(frozen=True)
class Disturbance:
    """One way in which a request goes wrong.

    Attributes:
        rule: the sandbox's fault rule, but for the vendor and the number of the request.
    """

    name: str
    rule: dict[str, Any] = field(hash=False)

    @property
    def impatient(self) -> bool:
        """True where the client waits for an answer that never comes."""
        return str(self.rule["kind"]).startswith("timeout")

    @property
    def kills(self) -> bool:
        """True where the whole process ends."""
        return bool(self.rule["kind"] == "kill_client")


_RULES: dict[str, dict[str, Any]] = {
    "killed before": {"kind": "kill_client", "when": "before"},
    "killed after": {"kind": "kill_client", "when": "after"},
    "429": {"kind": "429", "retry_after": 30},
    "500": {"kind": "500"},
    "500, written": {"kind": "500", "when": "after"},
    "502": {"kind": "502"},
    "502, written": {"kind": "502", "when": "after"},
    "503": {"kind": "503"},
    "503 with guidance": {"kind": "503", "body": GUIDANCE},
    "503, written, ids told": {"kind": "503_committed"},
    "503, written, ids not told": {"kind": "503_committed", "with_ids": False},
    "504": {"kind": "504"},
    "504, written": {"kind": "504", "when": "after"},
    "529": {"kind": "529"},
    "409": {"kind": "409"},
    "time-out": {"kind": "timeout_before"},
    "time-out, written": {"kind": "timeout_after"},
    "time-out, written later": {"kind": "timeout_late", "slow_s": 0.1},
    "reset": {"kind": "reset_before"},
    "reset, written": {"kind": "reset_after"},
    "half an answer": {"kind": "truncated"},
}
DISTURBANCES = tuple(Disturbance(name, rule) for name, rule in _RULES.items())


def storm(seed: int, requests: int) -> list[dict[str, Any]]:
    """Returns rules under which about every third of so many requests goes wrong, each in a way of its own."""
    chance = random.Random(seed)
    kinds = [disturbance for disturbance in DISTURBANCES if not (disturbance.kills or disturbance.impatient)]
    struck = [nth for nth in range(1, requests + 1) if chance.random() < STORMY]
    return [{"nth": nth, **chance.choice(kinds).rule} for nth in struck]
