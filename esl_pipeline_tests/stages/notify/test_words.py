from __future__ import annotations

import html
from datetime import UTC, datetime

import pytest

from esl_pipeline.stages.notify.notice import Notice
from esl_pipeline.stages.notify.words import SLACK_SECTION, Message, escaped

RUN = "5b1c4a3e-8f0d-4f57-9f5e-3f1f3f0c9a77"
AT = datetime(2026, 11, 30, tzinfo=UTC)


def failure(**fields: object) -> Notice:
    known = {
        "kind": "failed",
        "at": AT,
        "tenant": "school",
        "assignment": "week-1",
        "stage": "notion_page",
        "message": "The page can't be found. " * 30,
        "fix": "Share it with the connection.",
        "request_id": "req-1",
        "run_id": RUN,
    }
    return Notice.model_validate(known | fields)


def test_a_message_about_many_names_the_request_and_the_run_of_each_however_much_there_is_to_say() -> None:
    message = Message([failure() for _ in range(12)], "https://dagster.example.com")
    *lines, more = message.text.splitlines()
    assert len(lines) == 10
    assert all(line.endswith(f"request req-1 https://dagster.example.com/runs/{RUN}") for line in lines)
    assert more == "… and 2 more"
    assert len(escaped(message.text)) <= SLACK_SECTION + len(more) + len(lines)


@pytest.mark.parametrize("message", ["<" * 900, "a" * 900, "&" * 5000])
def test_slack_shows_whole_escapes_and_the_run_however_long_a_message_is(message: str) -> None:
    template = "$message\n" * 8 + "The run: $run_url\n"
    body = Message([failure(message=message)], "https://dagster.example.com", template).for_slack()
    text = body["blocks"][1]["text"]["text"]
    assert SLACK_SECTION - 200 < len(text) <= SLACK_SECTION
    assert text.endswith(f"https://dagster.example.com/runs/{RUN}")
    assert escaped(html.unescape(text)) == text


def test_a_message_about_few_says_what_to_do() -> None:
    short = failure(message="The page can't be found.")
    assert "Share it with the connection." in Message([short, short]).text


def test_a_template_that_names_only_what_a_failure_does_not_have_gives_the_usual_words() -> None:
    text = Message([failure(message="No lesson.", vendor="", code="")], template="$vendor $code\n").text
    assert "No lesson." in text


def test_two_problems_without_a_code_or_a_lesson_are_two() -> None:
    words = ("Launch a run for each partition.", "'Beta' can't be the tenant.", "'Beta' can't be the tenant.")
    assert len({failure(message=message, run_id=message).identity for message in words}) == 2


def test_a_trial_for_the_operators_says_so() -> None:
    trial = Notice(kind="trial", at=AT)
    assert Message([trial]).text.strip() == "This is a trial: notices for the operators arrive here."
