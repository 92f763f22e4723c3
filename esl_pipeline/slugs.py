"""Names that are safe in paths, keys and addresses."""

from __future__ import annotations

import re
import unicodedata

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.ASCII)

RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))})
"""Names that no file can have on Windows, whatever its suffix."""


class SlugError(ValueError):
    """A name can't be used; the message says how to mend it."""


def check_slug(text: str, what: str = "name") -> str:
    """Returns ``text`` if it is a slug: 1 to 63 of a-z, 0-9 and hyphen, the first no hyphen; no name of a device.

    Raises:
        SlugError: it is none; the message suggests one.
    """
    if is_slug(text):
        return text
    if text in RESERVED:
        raise SlugError(f"{text!r} can't be the {what}, because no file can have it: use another, such as '{text}-1'.")
    shown = text if len(text) <= 80 else f"{text[:77]}…"
    raise SlugError(
        f"{shown!r} can't be the {what}: use 1 to 63 of a-z, 0-9 and hyphen, such as {suggest_slug(text)!r}."
    )


def is_slug(text: str) -> bool:
    """Tells whether a text is a slug."""
    return bool(SLUG.fullmatch(text)) and text not in RESERVED


def leads_elsewhere(path: str) -> bool:
    """Tells whether a path or key has a step that is ``.`` or ``..``."""
    return bool({".", ".."} & {*re.split(r"[/\\]", path)})


def suggest_slug(text: str) -> str:
    """Returns the slug nearest to any text; ``untitled`` where nothing of it can be kept."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:63].rstrip("-") or "untitled"
    return f"{slug}-1" if slug in RESERVED else slug


def slug_of_name(name: str, option: str) -> str:
    """Returns a name as a slug, unless letters would be lost: then two names could become one.

    Args:
        name: of a file, without its suffix.
        option: what to use instead, for the message.

    Raises:
        SlugError: letters would be lost.
    """
    slug = suggest_slug(name)
    if sum(map(str.isalnum, name)) != sum(map(str.isalnum, slug)):
        raise SlugError(f"The name {name[:80]!r} makes no slug. Say {option}, with a-z, 0-9 and hyphens.")
    return slug


def partition_key(tenant: str, assignment: str) -> str:
    """Returns the partition key ``tenant/assignment``.

    Raises:
        SlugError: one of them is no slug.
    """
    return f"{check_slug(tenant, 'tenant')}/{check_slug(assignment, 'assignment')}"


def is_partition_key(text: str) -> bool:
    """Tells whether a text is ``tenant/assignment``, both slugs."""
    tenant, slash, assignment = text.partition("/")
    return bool(slash) and is_slug(tenant) and is_slug(assignment)


def parse_partition_key(key: str) -> tuple[str, str]:
    """Returns tenant and assignment.

    Raises:
        SlugError: it is not ``tenant/assignment``, both slugs.
    """
    tenant, slash, assignment = key.partition("/")
    if not slash:
        raise SlugError(f"{key[:80]!r} is no assignment: write tenant/assignment, such as my-school/week-1.")
    return check_slug(tenant, "tenant"), check_slug(assignment, "assignment")
