from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

import dagster as dg

from esl_pipeline.defs.metadata import problems_table, summary_of, values_of
from esl_pipeline.lessons import Problem, Severity


class Rule(StrEnum):
    """Ids of rules, as some tables of rules have them."""

    LEVEL = "X-LEVEL"


PROBLEMS = (
    Problem("V-W1", Severity.WARNING, 1, 1, "The title is long.", "Shorten it."),
    Problem(Rule.LEVEL, Severity.ERROR, 7, 3, "There is no level.", "Add one."),
    Problem("V-W2", Severity.ERROR, 9, 1, "The end is missing.", ""),
)


def test_problems_are_a_table_that_dagster_can_store() -> None:
    stored = dg.serialize_value(problems_table(PROBLEMS))
    row = dg.deserialize_value(stored, dg.TableMetadataValue).records[1].data
    assert (row["line"], row["column"], row["severity"], row["rule"]) == (7, 3, "error", "X-LEVEL")
    assert (row["what is wrong"], row["how to mend it"]) == ("There is no level.", "Add one.")


def test_the_summary_counts_errors_and_tells_the_first() -> None:
    assert summary_of(PROBLEMS) == "2 errors, the first in line 7: There is no level. Add one."
    assert summary_of(PROBLEMS[2:]) == "1 error in line 9: The end is missing."
    elsewhere = replace(PROBLEMS[2], file="/srv/tenants/school.yaml")
    assert summary_of([elsewhere]) == "1 error in line 9 of school.yaml: The end is missing."


def test_addresses_become_links_records_a_table_counts_words_and_what_is_empty_is_left_out() -> None:
    found = values_of(
        {
            "notion/page_url": "http://127.0.0.1/pages/1",
            "notion/requests": 7,
            "stage/skipped": False,
            "manifest/settings": [{"setting": "audio.pause_ms", "layer": "manifest"}],
            "lesson/speakers": {"Nora": 2, "Felix": 1},
            "notion/kept_edits": [],
            "audio/path": None,
        }
    )
    assert {name: type(value).__name__ for name, value in found.items()} == {
        "notion/page_url": "UrlMetadataValue",
        "notion/requests": "IntMetadataValue",
        "stage/skipped": "BoolMetadataValue",
        "manifest/settings": "TableMetadataValue",
        "lesson/speakers": "TextMetadataValue",
    }
    assert found["lesson/speakers"].value == "Nora: 2, Felix: 1"
