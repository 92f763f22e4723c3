from __future__ import annotations

from pathlib import Path

import pytest

from esl_pipeline.lessons import RULES, Rule
from esl_pipeline.lessons.rules.documentation import rules_as_markdown
from esl_pipeline.pages.page_rules import PAGE_RULES

PAGE = Path(__file__).parents[2] / "docs" / "lesson-format.md"


@pytest.mark.parametrize(("mark", "rules"), [("rules", RULES), ("page rules", PAGE_RULES)])
def test_the_page_for_teachers_lists_the_rules_as_they_are(mark: str, rules: tuple[Rule, ...]) -> None:
    _, _, rest = PAGE.read_text("utf-8").partition(f"<!-- {mark} -->\n")
    listed, _, _ = rest.partition(f"\n<!-- /{mark} -->")
    assert listed == rules_as_markdown(rules)


def test_ids_of_rules_are_unique() -> None:
    assert len({rule.id for rule in (*RULES, *PAGE_RULES)}) == len(RULES) + len(PAGE_RULES)
