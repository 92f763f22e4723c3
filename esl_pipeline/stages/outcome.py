"""What running a stage gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from esl_pipeline.lessons import Problem, has_errors

StageStatus = Literal["succeeded", "skipped"]


@dataclass(frozen=True)
class StageOutcome:
    """What a stage did.

    Attributes:
        reason: why it was skipped, or what was remarkable.
        metrics: figures and links by ``vendor/field``, JSON values only.
        problems: what an author should mend; errors only from the manifest stage.
    """

    status: StageStatus = "succeeded"
    reason: str = ""
    metrics: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def rejected(self) -> bool:
        """True where the problems stop the stages that follow."""
        return has_errors(self.problems)
