"""Data sources with their columns, each read once in a run."""

from __future__ import annotations

from collections import OrderedDict

from esl_pipeline.pages.fingerprint import normal_id
from esl_pipeline.stages.context import JobContext
from esl_pipeline.stages.notion_api import Json, NotionApi

MOST_KEPT = 8
"""A run works with the pages' data source and the students'; the others are candidates on the way to them."""


class Schemas:
    """Reads data sources for one run and keeps the last few."""

    def __init__(self, context: JobContext, notion: NotionApi) -> None:
        self._context, self._notion = context, notion
        self._kept: OrderedDict[str, Json] = OrderedDict()

    def read(self, data_source_id: str) -> Json:
        """Returns a data source with its ``properties``.

        Raises:
            RejectedError: there is none of that id, or it is not shared with the connection.
        """
        key = normal_id(data_source_id)
        if key not in self._kept:
            self._context.stop_if_cancelled()
            self.keep(self._notion.retrieve_data_source(data_source_id))
        self._kept.move_to_end(key)
        return self._kept[key]

    def keep(self, source: Json) -> None:
        """Remembers a data source as it was read or changed just now."""
        self._kept[normal_id(source["id"])] = source
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
