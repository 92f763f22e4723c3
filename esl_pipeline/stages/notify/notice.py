"""What is told."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

LONGEST_MESSAGE = 1000
"""Characters of a message; what is longer is cut."""
A_FAULT = "The program has a fault; whoever runs it is told."


class Notice(BaseModel):
    """One thing to tell.

    Attributes:
        kind: that something failed, that it was published again after that, or that somebody tries whether it arrives.
        assignment: empty where the run was of none, such as a clean-up.
        stage: the asset or op.
        failure: ``rejected``, ``unavailable``, or ``failed`` where the program is at fault; empty but for failures.
        manifest_sha256: of the lesson that failed, where it could be read.
        count: how often it happened without being told, before this time.
    """

    model_config = ConfigDict(frozen=True)

    kind: Literal["failed", "recovered", "trial"] = "failed"
    at: datetime
    tenant: str = ""
    assignment: str = ""
    job: str = ""
    stage: str = ""
    failure: str = ""
    message: str = ""
    fix: str = ""
    vendor: str = ""
    code: str = ""
    status: str = ""
    request_id: str = ""
    run_id: str = ""
    manifest_sha256: str = ""
    count: int = 0

    @property
    def identity(self) -> str:
        """What makes it the same as another one: where, why, and of which lesson; not which run.

        Where neither a code nor a lesson is known, its words tell it from another one.
        """
        why = self.code or (self.failure if self.manifest_sha256 else f"{self.failure}: {self.message}")
        who = (self.kind, self.tenant, self.assignment, self.job if not self.assignment else "", self.stage, why)
        again = self.run_id if self.kind != "failed" else self.manifest_sha256
        return hashlib.sha256("\0".join((*who, again)).encode()).hexdigest()[:20]

    def for_tenant(self) -> Notice:
        """Returns it without what only those who run the program should read."""
        if self.failure != "failed":
            return self
        return self.model_copy(update={"message": A_FAULT, "fix": "", "code": ""})

    def shortened(self) -> Notice:
        """Returns it with a message of bearable length."""
        if len(self.message) <= LONGEST_MESSAGE:
            return self
        return self.model_copy(update={"message": f"{self.message[: LONGEST_MESSAGE - 1]}…"})
