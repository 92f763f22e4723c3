"""Where the study text comes from."""

from __future__ import annotations

from collections.abc import Iterator

from esl_pipeline.lessons.draft import Draft
from esl_pipeline.lessons.problems import Problem
from esl_pipeline.lessons.rules.table import broken

INPUT_TYPES = ("generate", "authentic")


def check_input_type(draft: Draft) -> Iterator[Problem]:
    """Looks for a word that is none of the two."""
    if draft.front_matter is not None and draft.front_matter.input_type not in INPUT_TYPES:
        message = f"“input_type” is “{draft.front_matter.input_type}”; it should be generate or authentic."
        yield broken("V-IT", draft.input_type_position, message)
