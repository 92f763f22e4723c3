from __future__ import annotations

import re
from pathlib import Path

from esl_pipeline.pages.property_rules import MEANINGS, PropertyRule, rules_as_markdown

PAGE = Path(__file__).parents[2] / "docs" / "real-notion.md"


def test_the_page_for_teachers_lists_the_rules_as_they_are() -> None:
    _, _, rest = PAGE.read_text("utf-8").partition("<!-- rules -->\n")
    listed, _, _ = rest.partition("\n<!-- /rules -->")
    assert listed == rules_as_markdown()


def test_every_rule_has_a_meaning() -> None:
    assert set(MEANINGS) == set(PropertyRule)


def test_every_rule_that_the_program_names_is_in_the_table() -> None:
    sources = "\n".join(path.read_text("utf-8") for path in (PAGE.parents[1] / "esl_pipeline").rglob("*.py"))
    assert set(re.findall(r'"(P-[A-Z-]+)"', sources)) == set(PropertyRule)
