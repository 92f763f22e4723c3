from __future__ import annotations

from pathlib import Path

from esl_pipeline.lessons import RULES
from esl_pipeline.lessons.rules.documentation import rules_as_markdown

PAGE = Path(__file__).parents[2] / "docs" / "lesson-format.md"


def test_the_page_for_teachers_lists_the_rules_as_they_are() -> None:
    _, _, rest = PAGE.read_text("utf-8").partition("<!-- rules -->\n")
    listed, _, _ = rest.partition("\n<!-- /rules -->")
    assert listed == rules_as_markdown()


def test_ids_of_rules_are_unique() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
