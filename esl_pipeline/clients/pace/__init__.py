"""How many requests each vendor gets, over all processes and tenants that share a credential."""

from esl_pipeline.clients.pace.asking import (
    Asker,
    NoTurnError,
    Pace,
    Paced,
    PaceLimits,
    Turn,
    Waiter,
    fingerprint,
    waiter,
    waiting_as,
)
from esl_pipeline.clients.pace.enduring import EnduringPace
from esl_pipeline.clients.pace.records import MemoryRecords, Records
from esl_pipeline.clients.pace.shared import SharedPace

__all__ = [
    "Asker",
    "EnduringPace",
    "MemoryRecords",
    "NoTurnError",
    "Pace",
    "PaceLimits",
    "Paced",
    "Records",
    "SharedPace",
    "Turn",
    "Waiter",
    "fingerprint",
    "waiter",
    "waiting_as",
]
