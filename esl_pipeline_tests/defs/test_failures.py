from __future__ import annotations

import dagster as dg
import pytest

from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.defs.failures import MEND_LESSON, as_dagster_failures, lesson_failure
from esl_pipeline.defs.metadata import MOST_TOLD
from esl_pipeline.lessons import Problem, Severity
from esl_pipeline.stages.asking import AskingError
from esl_pipeline.stages.upload_audio import MissingTrackError

WRONG = [Problem("V-SP1", Severity.ERROR, line, 1, f"Wrong {line}.", "Mend it.", "week-1.md") for line in range(1, 13)]
WARNING = Problem("V-SP2", Severity.WARNING, 1, 1, "Odd.", "", "week-1.md")


def said(failure: dg.Failure) -> dict[str, str]:
    return {name: str(value.value) for name, value in failure.metadata.items() if isinstance(value.value, str)}


def failed_with(error: Exception) -> dg.Failure:
    with pytest.raises(dg.Failure) as caught, as_dagster_failures():
        raise error
    assert not caught.value.allow_retries
    return caught.value


def test_what_to_do_about_a_vendor_is_said_once() -> None:
    error = RejectedError("notion", "object_not_found", "No page.", 404, "req-1", "Share the page.")
    told = said(failed_with(error))
    assert told["failure/message"] == "notion: object_not_found (HTTP 404): No page. [request req-1]"
    assert told["failure/fix"] == "Share the page."
    assert (told["failure/code"], told["failure/request_id"]) == ("object_not_found", "req-1")


def test_a_request_that_can_not_be_read_has_rules_fixes_and_a_table() -> None:
    file = Problem("M-FILE", Severity.ERROR, 1, 1, "It is not there.", "Check its path.", "week-1.md")
    failure = failed_with(AskingError((file, WRONG[4], WARNING)))
    told = said(failure)
    assert told["failure/code"] == "M-FILE+V-SP1"
    assert told["failure/message"] == "week-1.md:1:1: It is not there.\nweek-1.md:5:1: Wrong 5."
    assert told["failure/fix"] == "Check its path. Mend it."
    assert isinstance(failure.metadata["lesson/problems"], dg.TableMetadataValue)


def test_an_error_of_our_own_has_its_name_for_a_code() -> None:
    assert said(failed_with(MissingTrackError("There is no track.")))["failure/code"] == "missing_track"


def test_a_fault_of_the_program_stays_what_it_is() -> None:
    with pytest.raises(ZeroDivisionError), as_dagster_failures():
        raise ZeroDivisionError


def test_a_failure_that_is_one_already_stays_it() -> None:
    failure = dg.Failure("No.", metadata={"a": "b"})
    with pytest.raises(dg.Failure) as caught, as_dagster_failures():
        raise failure
    assert caught.value is failure


def test_a_lesson_tells_all_its_errors_up_to_a_number_and_no_warnings() -> None:
    failure = lesson_failure([WARNING, *WRONG], "sha")
    lines = said(failure)["failure/message"].splitlines()
    assert lines[0] == "Line 1 of week-1.md: Wrong 1. Mend it."
    assert lines[MOST_TOLD:] == ["… and 4 more"]
    assert said(failure)["failure/fix"] == MEND_LESSON
    assert failure.description == "12 errors, the first in line 1 of week-1.md: Wrong 1. Mend it."
