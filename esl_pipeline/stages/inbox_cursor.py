"""What one look into the inbox leaves to the next one; it does not grow with the number of files."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, ValidationError


class Cursor(BaseModel):
    """How far the looks have come.

    Tenants are looked at in rounds, by name. A round takes those of whom something changed, and some others in turn; it
    goes over several ticks where one is not enough.

    Attributes:
        place: of the inbox; what is below means nothing for another one.
        changed_at: what changed before was handled, in ns by the inbox's clock.
        newest: what it becomes when the round is at its end.
        turn: the last tenant of the round that was looked at; empty before the first one.
        is_clean: everything in this round was handled so far.
        swept: the last tenant that was looked at for no reason but its turn.
        tick: that wrote this.
        asked: tenants for whom that tick asked.
    """

    model_config = ConfigDict(frozen=True)

    place: str = ""
    changed_at: int = 0
    newest: int = 0
    turn: str = ""
    is_clean: bool = True
    swept: str = ""
    tick: str = ""
    asked: tuple[str, ...] = ()


def read_cursor(text: str | None, place: str) -> Cursor:
    """Returns what the last look left; a new beginning where it left nothing, or looked somewhere else."""
    try:
        cursor = Cursor.model_validate_json(text or "{}")
    except ValidationError:
        return Cursor(place=place)
    return cursor if cursor.place == place else Cursor(place=place, tick=cursor.tick, asked=cursor.asked)


def write_cursor(cursor: Cursor) -> str:
    """Returns the cursor as text."""
    return cursor.model_dump_json(exclude_defaults=True)
