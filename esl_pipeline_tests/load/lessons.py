"""Short lessons, each with words of its own, so that all of its speech must be bought."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

NOUNS = tuple(
    re.findall(
        r"\w+",
        "lamp mirror kettle carpet ladder basket pillow guitar camera bottle candle drawer hammer jacket marble needle "
        "orange pencil rabbit saddle ticket violin wallet anchor button",
    )
)
"""Digits of a number that is spoken: names are told apart by every ear, and digits would be spelled out."""

TURNS = (
    "Where did you put {thing}?",
    "I left {thing} beside the door.",
    "Then bring {thing} to the kitchen.",
    "And who will carry {thing} tomorrow?",
)
TEMPLATE = Path(__file__).parents[1] / "bench" / "four-turns.md"
"""A whole lesson, whose page is as large as those of the examples."""


@dataclass(frozen=True)
class LoadedAssignment:
    """One assignment of the load."""

    tenant: str
    assignment: str
    number: int

    @property
    def key(self) -> str:
        """The partition, which stands in the page's key column as well."""
        return f"{self.tenant}/{self.assignment}"

    @property
    def lesson(self) -> str:
        """A lesson with turns and a title that no other number has."""
        thing = spoken(self.number)
        turns = iter(TURNS)
        text = TEMPLATE.read_text("utf-8").replace("Homework: The Last Evening", f"Homework: {thing}", 1)
        return re.sub(r"(?m)^((?:Nora|Felix): ).*$", lambda turn: turn[1] + next(turns).format(thing=thing), text)

    def put(self, inbox: Path) -> None:
        """Writes the lesson into the inbox, whole at once, as a program that hands it over would."""
        folder = inbox / self.tenant
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f".{self.assignment}.part"
        part.write_text(self.lesson, "utf-8")
        part.replace(folder / f"{self.assignment}.md")


def spoken(number: int) -> str:
    """Returns words that stand for a number and no other, such as ``the lamp and the mirror``."""
    words: list[str] = []
    while number or not words:
        number, digit = divmod(number, len(NOUNS))
        words.append(f"the {NOUNS[digit]}")
    return " and ".join(reversed(words))


def assignments(tenants: int, each: int) -> Iterator[LoadedAssignment]:
    """Yields so many assignments for each tenant."""
    for tenant in range(tenants):
        for number in range(each):
            yield LoadedAssignment(f"school-{tenant + 1:02}", f"week-{number + 1:02}", tenant * each + number)
