"""What differs between an assignment's publication and what stands at the vendors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Subject = Literal["page", "block", "column", "player", "file"]


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it was published.

    Attributes:
        seen: what is there now, in a sentence.
        mend: what somebody can do, with the job that does it.
        stays: whether it is people's own work on the page, which no run overwrites.
    """

    subject: Subject
    seen: str
    mend: str
    stays: bool = False
