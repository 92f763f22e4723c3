"""Shows the sandbox's Notion pages as a person would see them."""

from esl_pipeline.sandbox.viewer.app import make_viewer
from esl_pipeline.sandbox.viewer.ports import NotionPages, RequestEntry, RequestLog

__all__ = ["NotionPages", "RequestEntry", "RequestLog", "make_viewer"]
