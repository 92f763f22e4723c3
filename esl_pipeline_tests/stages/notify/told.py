"""A school with receivers, and a notifier at a time of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from esl_pipeline.stages.create_pipeline import create_pipeline
from esl_pipeline.stages.environment import Environment, read_environment
from esl_pipeline.stages.notify.notice import Notice
from esl_pipeline.stages.notify.notifier import Notifier, Sent
from esl_pipeline.stages.notify.receivers import Receivers

KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
START = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


@dataclass
class SetTime:
    """A clock that stands still until it is set."""

    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - START).total_seconds()

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class School:
    """A home folder with one tenant's file; every ``notifier`` knows only what is stored, as a new process would."""

    home: Path
    variables: dict[str, str] = field(default_factory=dict)
    clock: SetTime = field(default_factory=SetTime)
    look_up: Any = None

    def settings(self, **notify: Any) -> None:
        """Writes the tenant's file."""
        folder = self.home / "tenants"
        folder.mkdir(parents=True, exist_ok=True)
        lines = "".join(f"    {name}: {json.dumps(value)}\n" for name, value in notify.items())
        (folder / "school.yaml").write_text(
            f"schema_version: 2\nsettings:\n  notify:\n{lines}" if notify else "schema_version: 2\n"
        )

    @property
    def environment(self) -> Environment:
        live = {"ESL_LIVE": "1", "ESL_HOME": str(self.home), "ESL_ALLOW_LOCAL_ENDPOINTS": "1"}
        return read_environment(live | self.variables)

    def notifier(self) -> Notifier:
        providers = create_pipeline(environment=self.environment, clock=self.clock).providers
        receivers = Receivers(
            self.environment, providers.secrets, **({"look_up": self.look_up} if self.look_up else {})
        )
        return Notifier(self.environment, providers, receivers)

    def note(self, *notices: Notice) -> list[str]:
        notifier = self.notifier()
        return sorted({owner for notice in notices for owner in notifier.note(notice)})

    def tell(self, *owners: str, after: timedelta = timedelta(0)) -> list[Sent]:
        """Sends what is due, some time later."""
        self.clock.at += after
        return list(self.notifier().tell(owners or ("school",), float("inf")))

    def failure(self, **fields: Any) -> Notice:
        """A failure as the page stage has it."""
        known: dict[str, Any] = {
            "at": self.clock.now(),
            "tenant": "school",
            "assignment": "week-1",
            "job": "publish_lesson",
            "stage": "notion_page",
            "failure": "rejected",
            "message": "The page can't be found <here> & now.",
            "fix": "Share it with the connection.",
            "vendor": "notion",
            "code": "object_not_found",
            "status": "404",
            "request_id": "req-1",
            "run_id": "run-1",
            "manifest_sha256": "a" * 64,
        }
        return Notice(**known | fields)
