"""Ids of Notion, as people paste them: with dashes, without, or inside an address."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator

_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_AT_THE_END = re.compile(rf"(?:^|[^0-9a-z])({_ID.pattern})$", re.IGNORECASE)


def object_id(text: str) -> str:
    """Returns an id, or the one in the address of a page, database or data source; any other text as it is.

    Capitals are made small: Notion does not take them in ids.
    """
    if _ID.fullmatch(text.strip()):
        return text.strip().lower()
    address = urlsplit(text.strip())
    if not address.scheme or not address.netloc:
        return text
    found = _AT_THE_END.search(address.path.rstrip("/"))
    return found[1].lower() if found else text


def page_id(text: str) -> str:
    """Returns the id of the page that an address shows, also where it is opened beside its database (``&p=``).

    Raises:
        ValueError: there is no id in it.
    """
    beside = parse_qs(urlsplit(text.strip()).query).get("p", [""])[0]
    found = beside if _ID.fullmatch(beside) else object_id(text.strip())
    if not _ID.fullmatch(found):
        raise ValueError(f"“{text[:200]}” is neither an id of a page nor its address in Notion.")
    return found.lower()


NotionId = Annotated[str, AfterValidator(object_id)]
"""An id, taken out of the address where one was pasted."""
