"""Speech in which nothing is heard, and texts in which nothing is said."""

from __future__ import annotations

import pytest

from esl_pipeline.clients.errors import RejectedError
from esl_pipeline_tests.lessons.lesson_text import lesson_text
from esl_pipeline_tests.sandboxed import Sandboxed
from esl_pipeline_tests.stages.speech_stage import bought, short, speak


def test_speech_that_is_silent_is_told(sandbox: Sandboxed, four_turns: str, assignment: str) -> None:
    silenced = {"vendor": "elevenlabs", "path": "text-to-speech", "nth": 1, "kind": "answer", "status": 200}
    headers = {"content-type": "audio/pcm", "character-cost": "60"}
    with sandbox.faults({**silenced, "body": "\0" * 144_000, "headers": headers}):
        outcome = speak(sandbox, short(four_turns, assignment), assignment)
    assert outcome.metrics["audio/odd_segments"].startswith(f"silence for '{assignment[2:8]}: ")


def test_a_text_of_which_nothing_is_spoken_is_refused_and_told_why(sandbox: Sandboxed, assignment: str) -> None:
    lesson = lesson_text(study="Kim: [sighs]\nLee: (laughs)\n")
    with sandbox.watched("elevenlabs") as seen, pytest.raises(RejectedError, match="stage directions") as caught:
        speak(sandbox, lesson, assignment)
    assert caught.value.code == "nothing_to_say"
    assert not bought(seen)
