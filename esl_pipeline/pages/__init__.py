"""Pages: a lesson as Notion's blocks and properties, and what to send so that a page shows them."""

from esl_pipeline.pages.blocks import build_blocks
from esl_pipeline.pages.nodes import BlockNode
from esl_pipeline.pages.page_problems import page_problems
from esl_pipeline.pages.page_rules import PAGE_RULES
from esl_pipeline.pages.preset import Preset, UnknownPresetError, load_preset, preset_names
from esl_pipeline.pages.properties import PageProperties, build_properties
from esl_pipeline.pages.requests import Request, RequestPlan, plan_requests

__all__ = [
    "PAGE_RULES",
    "BlockNode",
    "PageProperties",
    "Preset",
    "Request",
    "RequestPlan",
    "UnknownPresetError",
    "build_blocks",
    "build_properties",
    "load_preset",
    "page_problems",
    "plan_requests",
    "preset_names",
]
