from __future__ import annotations

import io
import json

from esl_pipeline.stages.structured_log import structured_logger
from esl_pipeline_tests.sandboxed import Sandboxed

IDS = ("job_id", "run_id", "tenant", "assignment", "stage", "elapsed_s")


def test_each_stage_tells_its_start_and_its_end_with_all_ids(
    sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    lines = io.StringIO()
    job = sandbox.pipeline(logger=structured_logger("json", lines))
    record = sandbox.publish(four_turns, assignment, pipeline=job)
    events = [json.loads(line) for line in lines.getvalue().splitlines()]
    told = [event for event in events if event["event"].startswith("stage ")]
    assert [event["event"] for event in told[:2]] == ["stage started", "stage succeeded"]
    assert len(told) == 12
    for event in told:
        assert all(name in event for name in IDS)
        assert (event["job_id"], event["assignment"]) == (record.job_id, assignment)
        assert event["level"] == "info"
        assert event["timestamp"].endswith("Z")


def test_a_failed_stage_is_an_error_line(sandbox: Sandboxed, four_turns: str, assignment: str) -> None:
    lines = io.StringIO()
    pipeline = sandbox.pipeline(logger=structured_logger("json", lines))
    sandbox.publish(four_turns, assignment, pipeline=pipeline, overrides=("speech.voices.Nora=Nobody",))
    (failed,) = [json.loads(line) for line in lines.getvalue().splitlines() if '"error"' in line and "failed" in line]
    assert failed["stage"] == "audio_segments"
    assert "Nobody" in failed["reason"]


def test_people_can_read_the_console_form() -> None:
    lines = io.StringIO()
    structured_logger("console", lines).warning("write repeated", vendor="notion")
    assert "write repeated" in lines.getvalue()
    assert "vendor=notion" in lines.getvalue()
