from __future__ import annotations

import pytest

from esl_pipeline.clients.errors import RejectedError
from esl_pipeline_tests.sandboxed import Sandboxed
from esl_pipeline_tests.stages.speech_stage import LINES, book, bought, credits_used, publication, short, speak


@pytest.fixture
def lesson(four_turns: str, assignment: str) -> str:
    """Four short turns with words of the test's own."""
    return short(four_turns, assignment)


def test_a_slow_track_is_bought_where_the_model_can_speak_slowly(
    sandbox: Sandboxed, lesson: str, assignment: str
) -> None:
    outcome = speak(sandbox, lesson, assignment, "lesson", "audio.slow_track=true")
    speech = publication(sandbox, assignment).speech
    assert speech is not None
    assert [segment.text for segment in speech.slow_segments] == [segment.text for segment in speech.segments]
    main, slow = (sum(s.samples for s in segments) for segments in (speech.segments, speech.slow_segments))
    assert 1.1 < slow / main < 1.4
    assert outcome.metrics["audio/slow_segments"] == 4
    assert outcome.metrics["elevenlabs/characters_billed"] == 2 * sum(len(s.text) for s in speech.segments)
    again = speak(sandbox, lesson, assignment, "lesson", "audio.slow_track=true")
    assert again.status == "skipped"


@pytest.mark.parametrize(
    "how",
    [
        ("audio.slow_speed=0.5",),
        ("speech.model=eleven_v3",),
        ("speech.voice_settings.speed=0.7", "audio.slow_speed=0.95"),
    ],
    ids=["too slow", "no pace", "as slow as can be"],
)
def test_a_slow_track_that_the_model_can_not_speak_is_left_to_the_mix(
    sandbox: Sandboxed, lesson: str, assignment: str, how: tuple[str, ...]
) -> None:
    speak(sandbox, lesson, assignment, "lesson", "audio.slow_track=true", *how)
    speech = publication(sandbox, assignment).speech
    assert speech is not None
    assert speech.slow_segments == []


def test_a_dialogue_is_bought_whole_and_cut_into_its_turns(sandbox: Sandboxed, lesson: str, assignment: str) -> None:
    before = credits_used(sandbox)
    options = ("speech.model=eleven_v3", "speech.mode=dialogue")
    with sandbox.watched("elevenlabs") as seen:
        outcome = speak(sandbox, lesson, assignment, "lesson", *options)
    speech = publication(sandbox, assignment).speech
    assert speech is not None
    assert bought(seen) == 1
    assert [segment.speaker for segment in speech.segments] == ["Nora", "Felix", "Nora", "Felix"]
    assert len({segment.sha256 for segment in speech.segments}) == 1
    ends = [segment.begin + segment.samples for segment in speech.segments]
    assert [segment.begin for segment in speech.segments] == [0, *ends[:-1]]
    paces = [len(segment.text) / segment.samples * segment.sample_rate_hz for segment in speech.segments]
    assert max(paces) < 1.6 * min(paces)
    billed = sum(len(f"{assignment[2:8]}: {line}") for line in LINES)
    assert outcome.metrics["elevenlabs/characters_billed"] == billed == credits_used(sandbox) - before
    (line,) = [line for line in book(sandbox, assignment) if line.kind == "bought"]
    assert (line.characters, line.voice_name.count(" + ")) == (billed, 1)


def test_a_dialogue_with_a_model_that_speaks_none_is_refused_with_what_to_do(
    sandbox: Sandboxed, lesson: str, assignment: str
) -> None:
    with sandbox.watched("elevenlabs") as seen, pytest.raises(RejectedError, match=r"such as eleven_v3") as caught:
        speak(sandbox, lesson, assignment, "lesson", "speech.mode=dialogue")
    assert caught.value.code == "unsupported_mode"
    assert seen == []


def test_another_engine_tells_its_figures_under_its_own_name(sandbox: Sandboxed, lesson: str, assignment: str) -> None:
    outcome = speak(sandbox, lesson, assignment, "lesson", "speech.engine=local")
    assert outcome.metrics["local/characters_billed"] == 0
    assert outcome.metrics["local/characters"] == sum(len(f"{assignment[2:8]}: {line}") for line in LINES)
    assert not [name for name in outcome.metrics if name.startswith("elevenlabs/")]


def test_speech_that_was_cut_off_is_told(sandbox: Sandboxed, lesson: str, assignment: str) -> None:
    shortened = {"vendor": "elevenlabs", "path": "text-to-speech", "nth": 1, "kind": "answer", "status": 200}
    headers = {"content-type": "audio/pcm", "character-cost": "60"}
    with sandbox.faults({**shortened, "body": "ab" * 5000, "headers": headers}):
        outcome = speak(sandbox, lesson, assignment)
    assert outcome.metrics["audio/odd_segments"].endswith("listen to it")
    assert outcome.metrics["audio/odd_segments"].startswith("0.2 s for ")


def test_speech_that_ended_half_way_is_told_beside_the_others(sandbox: Sandboxed, lesson: str, assignment: str) -> None:
    with sandbox.faults({"vendor": "elevenlabs", "path": "text-to-speech", "nth": 2, "kind": "ended_early"}):
        told = speak(sandbox, lesson, assignment).metrics["audio/odd_segments"]
    assert told.count("listen to it") == 1
    assert float(told.partition(" s for ")[0]) < 3


def test_a_stored_segment_that_is_damaged_is_bought_again(sandbox: Sandboxed, lesson: str, assignment: str) -> None:
    speak(sandbox, lesson, assignment)
    (path, *_) = sorted(sandbox.environment.state.glob(f"artifacts/{assignment}/*/*.wav"))
    path.write_bytes(path.read_bytes()[:-2000])
    outcome = speak(sandbox, lesson, assignment, "lesson", "speech.default_accent=british")
    assert outcome.metrics["audio/segments_cached"] == 3
    assert len(path.read_bytes()) > 20_000
