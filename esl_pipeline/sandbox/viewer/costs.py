"""What each page cost in requests."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from esl_pipeline.sandbox.viewer.links import bare_id
from esl_pipeline.sandbox.viewer.ports import RequestEntry

_ID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)


def requests_by_page(entries: Iterable[RequestEntry], page_of: Mapping[str, str]) -> Counter[str]:
    """Counts the Notion requests of each page.

    Args:
        entries: the log; the first id in an entry's path decides.
        page_of: id of a page or block → id of its page, both without dashes. Blocks that are gone are not in it,
            so the requests that only name them are counted for no page, nor are those that name none, as the one
            that creates a page.
    """
    counted = Counter[str]()
    for entry in entries:
        if entry.vendor != "notion":
            continue
        found = _ID.search(entry.path)
        page = page_of.get(bare_id(found.group())) if found else None
        if page:
            counted[page] += 1
    return counted
