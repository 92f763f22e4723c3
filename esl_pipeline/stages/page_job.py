"""What publishing one page works with: the lesson as blocks, the vendor, and the record of the page."""

from __future__ import annotations

from dataclasses import dataclass

from esl_pipeline.lessons import Lesson
from esl_pipeline.pages.block_map import MapEntry, tree_sha256
from esl_pipeline.pages.blocks import build_blocks
from esl_pipeline.pages.nodes import BlockNode
from esl_pipeline.pages.preset import load_preset
from esl_pipeline.stages.context import JobContext
from esl_pipeline.stages.notion_api import NotionApi
from esl_pipeline.stages.page_head import head_input_sha256, json_sha256
from esl_pipeline.stages.page_map import blocks_of, entries_of
from esl_pipeline.stages.page_schemas import Schemas
from esl_pipeline.stores.ledger import Ledger
from esl_pipeline.stores.publication import PagePublication, Publication


@dataclass(frozen=True)
class PageJob:
    """One request to publish a lesson's page.

    Attributes:
        nodes: the lesson's blocks.
        head_input_sha256: hash of what properties, icon and cover are made from.
        input_sha256: hash of all that the page is made from.
        schemas: the data sources that were read on the way.
    """

    context: JobContext
    ledger: Ledger
    notion: NotionApi
    lesson: Lesson
    nodes: tuple[BlockNode, ...]
    head_input_sha256: str
    input_sha256: str
    schemas: Schemas


def page_job(context: JobContext, ledger: Ledger, notion: NotionApi, lesson: Lesson) -> PageJob:
    """Makes the blocks of a lesson and the hashes that tell whether it changed; reads nothing from Notion."""
    nodes = build_blocks(lesson, load_preset(context.settings.notion.preset))
    head = head_input_sha256(context, lesson)
    whole = json_sha256([head, *(tree_sha256(node) for node in nodes)])
    return PageJob(context, ledger, notion, lesson, nodes, head, whole, Schemas(context, notion))


class PageRecord:
    """The page's part of the publication, with its block map in a form that may be changed."""

    def __init__(self, job: PageJob, page: PagePublication) -> None:
        self._job, self.page = job, page
        self.entries: list[MapEntry] = entries_of(page.blocks)

    @property
    def page_id(self) -> str:
        """The page's id, empty while it is not known."""
        return self.page.id or ""

    def save(self) -> None:
        """Writes it to the publication at once; a dry run leaves that alone."""
        if self._job.context.dry_run:
            return
        self.page.blocks = blocks_of(self.entries)
        saved = self.page.model_copy(deep=True)

        def change(publication: Publication) -> None:
            publication.page = saved

        self._job.ledger.update(change)

    def finish(self) -> None:
        """Records that the page shows the whole lesson."""
        self.page.complete = True
        self.page.input_sha256 = self._job.input_sha256
        self.page.head_input_sha256 = self._job.head_input_sha256
        self.save()
