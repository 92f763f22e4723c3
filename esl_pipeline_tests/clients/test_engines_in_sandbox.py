"""The paid engines against stand-ins that speak, bill and remember as the vendors do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from esl_pipeline.clients import ElevenLabsClient, OpenAiSpeechClient, RejectedError, UnavailableError
from esl_pipeline.clients.retry import RetryPolicy
from esl_pipeline.sandbox.voices import VOICES
from esl_pipeline.speech import SegmentRequest, Spoken
from esl_pipeline_tests.clients.asked import asked, dialogue
from esl_pipeline_tests.clients.engine_contract import EngineContract
from esl_pipeline_tests.sandboxed import Sandboxed

ANNA, BEN = VOICES[0].voice_id, VOICES[1].voice_id
LATE = RetryPolicy(attempts=1, deadline_s=30, read_timeout_s=0.5)
LOST = ["reset_after", "truncated", "truncated_chunk", "timeout_after"]


@pytest.fixture
def at(sandbox: Sandboxed) -> Iterator[Sandboxed]:
    yield sandbox
    for account in ("elevenlabs", "openai"):
        sandbox.control(account, {})


def elevenlabs(at: Sandboxed, **options: Any) -> ElevenLabsClient:
    return ElevenLabsClient("any", at.at.elevenlabs_url, **options)


def billed(at: Sandboxed) -> int:
    quota = elevenlabs(at).quota()
    assert quota is not None
    return quota.limit - quota.remaining


class TestElevenLabsSandbox(EngineContract):
    @pytest.fixture(autouse=True)
    def _in_sandbox(self, at: Sandboxed) -> None:
        self.at = at

    def engine(self) -> ElevenLabsClient:
        return elevenlabs(self.at)

    def request(self) -> SegmentRequest:
        return asked("Words of the contract.", ANNA)


class TestOpenAiSandbox(EngineContract):
    @pytest.fixture(autouse=True)
    def _in_sandbox(self, at: Sandboxed) -> None:
        self.at = at

    def engine(self) -> OpenAiSpeechClient:
        return OpenAiSpeechClient("any", self.at.at.openai_url)

    def request(self) -> SegmentRequest:
        return asked("Words of the contract.", "coral", model="gpt-4o-mini-tts", options={})


def heard_s(spoken: Spoken) -> float:
    return len(spoken.pcm) / 2 / spoken.sample_rate_hz


def test_each_character_of_a_text_has_its_time(at: Sandboxed) -> None:
    text = "It is half past ten, and the café is open."
    spoken = elevenlabs(at).synthesize(asked(text, ANNA, with_timings=True))
    assert spoken.timings is not None
    assert "".join(spoken.timings.characters) == text
    assert heard_s(spoken) / 2 < spoken.timings.ends_s[-1] <= heard_s(spoken) + 0.25
    assert spoken.character_cost == len(text)


def test_a_dialogue_has_the_times_of_all_its_lines(at: Sandboxed) -> None:
    spoken = elevenlabs(at).synthesize(dialogue((ANNA, "Shall we go?"), (BEN, "Yes, let us go."), (ANNA, "Good.")))
    assert spoken.timings is not None
    assert "".join(spoken.timings.characters) == "Shall we go?Yes, let us go.Good."


@pytest.mark.parametrize("with_timings", [False, True])
def test_the_newest_model_speaks_a_single_text_one_way_or_the_other(at: Sandboxed, with_timings: bool) -> None:
    request = asked(
        "The newest model.", ANNA, model="eleven_v4", options={"stability": 0.4, "similarity_boost": 0.7},
        with_timings=with_timings,
    )  # fmt: skip
    speech = elevenlabs(at)
    with at.watched("elevenlabs") as seen:
        for _ in range(2):
            assert (speech.synthesize(request).timings is not None) == with_timings
    assert [entry["path"].split("/")[2] for entry in seen] == ["text-to-speech", "text-to-dialogue", "text-to-dialogue"]


def test_times_that_can_not_be_true_are_left_out(at: Sandboxed) -> None:
    with at.faults({"vendor": "elevenlabs", "kind": "nonsense_times"}):
        spoken = elevenlabs(at).synthesize(asked("These times are wrong.", ANNA, with_timings=True))
    assert spoken.pcm
    assert spoken.timings is None


def lost(at: Sandboxed, request: SegmentRequest, kind: str) -> tuple[ElevenLabsClient, datetime]:
    """Buys speech whose answer is lost in a way."""
    speech, asked_at = elevenlabs(at, policy=LATE), datetime.now(UTC)
    rule: dict[str, Any] = {"vendor": "elevenlabs", "method": "POST", "kind": kind}
    if kind.startswith("timeout"):
        rule["slow_s"] = 1
    with at.faults(rule), pytest.raises(UnavailableError) as caught:
        speech.synthesize(request)
    assert caught.value.may_have_happened
    at.settle()
    return speech, asked_at


@pytest.mark.parametrize("kind", LOST)
def test_speech_whose_answer_is_lost_is_recovered_and_billed_once(at: Sandboxed, kind: str) -> None:
    before = billed(at)
    request = asked(f"An answer was lost by {kind}.", ANNA)
    speech, asked_at = lost(at, request, kind)
    found = speech.recover(request, asked_at)
    assert found is not None
    assert found.character_cost == request.characters == billed(at) - before
    assert found.pcm == speech.synthesize(request).pcm


def test_speech_that_was_never_made_is_not_recovered(at: Sandboxed) -> None:
    request = asked("Nobody ever said this.", ANNA)
    speech, asked_at = lost(at, request, "reset_before")
    assert speech.recover(request, asked_at) is None


REQUESTS = {
    "timed": asked("A lost text with times.", ANNA, with_timings=True),
    "dialogue": dialogue((ANNA, "A lost dialogue."), (BEN, "Indeed.")),
    "dialogue of one": dialogue((ANNA, "A lost dialogue of one."), model="eleven_v4", with_timings=True),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_times_are_recovered_with_the_speech(at: Sandboxed, name: str) -> None:
    request = REQUESTS[name]
    speech, asked_at = elevenlabs(at, policy=LATE), datetime.now(UTC)
    rule = {"vendor": "elevenlabs", "kind": "truncated", "path": "with-timestamps"}
    if name == "dialogue of one":
        rule["path"] = "text-to-dialogue"
    with at.faults(rule), pytest.raises(UnavailableError):
        speech.synthesize(request)
    at.settle()
    found = speech.recover(request, asked_at)
    assert found is not None
    assert found.timings is not None
    assert "".join(found.timings.characters) == "".join(one.text for one in request.inputs)


def test_a_key_that_may_only_speak_does_so_without_quota_and_history(at: Sandboxed) -> None:
    at.control("elevenlabs", {"missing_scopes": ["user_read", "speech_history_read"]})
    speech, request = elevenlabs(at), asked("Only to speak.", ANNA)
    assert speech.synthesize(request).pcm
    assert speech.quota() is None
    assert speech.recover(request, datetime.now(UTC)) is None


def test_a_withdrawn_voice_is_not_found_any_more(at: Sandboxed) -> None:
    at.control("elevenlabs", {"withdrawn_voices": [BEN]})
    assert [voice["voice_id"] for voice in elevenlabs(at).find_voices([BEN, ANNA])] == [ANNA]


def test_both_vendors_tell_an_empty_account_from_a_bad_key(at: Sandboxed) -> None:
    for account in ("elevenlabs", "openai"):
        at.control(account, {"characters": 0})
    other = asked("Too much.", "nova", model="tts-1", options={"speed": 0.9})
    for engine, request, code in (
        (elevenlabs(at), asked("Too much.", ANNA), "quota_exceeded"),
        (OpenAiSpeechClient("any", at.at.openai_url), other, "insufficient_quota"),
        (ElevenLabsClient("invalid", at.at.elevenlabs_url), asked("Too much.", ANNA), "invalid_api_key"),
        (OpenAiSpeechClient("invalid", at.at.openai_url), other, "invalid_api_key"),
    ):
        with pytest.raises(RejectedError) as caught:
            engine.synthesize(request)
        assert caught.value.code == code
        assert caught.value.fix


def test_openai_speaks_slower_where_the_model_heeds_it(at: Sandboxed) -> None:
    speech = OpenAiSpeechClient("any", at.at.openai_url, model="tts-1")
    spoken = [
        speech.synthesize(asked("One sentence at two speeds.", "nova", model="tts-1", options={"speed": speed}))
        for speed in (1.0, 0.7)
    ]
    assert heard_s(spoken[1]) > 1.2 * heard_s(spoken[0])


def test_every_voice_of_the_list_speaks_with_its_model(at: Sandboxed) -> None:
    for model in ("gpt-4o-mini-tts", "tts-1"):
        speech = OpenAiSpeechClient("any", at.at.openai_url, model=model)
        for voice in speech.list_voices():
            assert speech.synthesize(asked("Yes.", voice["voice_id"], model=model, options={})).pcm
