from __future__ import annotations

from esl_pipeline.lessons.model import Turn
from esl_pipeline.manifests.settings import SpeechSettings, VoiceSettings
from esl_pipeline.speech import Casting, CastVoice, SpeechModel, Voice
from esl_pipeline.speech.dialogue import mode_problem
from esl_pipeline_tests.speech.planning import ACTS, SMALL, TURNS, hashes, plan, texts

LINE = "A line of a dialogue that is said by one of us. "


def test_consecutive_turns_are_one_request_and_not_one_turn_each() -> None:
    (request,) = plan(model=ACTS, mode="dialogue", language_code="en", seed=3)
    assert [(one.speaker, one.text, one.pause_after) for one in request.inputs] == [
        ("Kim", "Hello!\nHow are you?", "turn"),
        ("Lee", "Fine.", "turn"),
        ("Kim", "Good.", "turn"),
    ]
    assert (request.language_code, request.seed, request.options) == ("en", 3, {"stability": 0.5})
    assert request.characters == sum(map(len, texts([request])))


def test_a_dialogue_is_cleaned_and_has_no_empty_inputs_ttsd7() -> None:
    dirty = [Turn("Kim", ("**Hi** ____ [laughs]",)), Turn("Lee", ("____",)), Turn("Lee", ("Bye 🎉",))]
    (request,) = plan(dirty, ACTS, mode="dialogue")
    assert texts([request]) == ["Hi [laughs]", "Bye"]


def test_the_same_dialogue_has_the_same_key_and_another_one_has_another_ttsd8() -> None:
    (asked,) = plan(model=ACTS, mode="dialogue")
    (again,) = plan(model=ACTS, mode="dialogue", voice_settings=VoiceSettings(style=0.5, similarity_boost=0.1))
    (other,) = plan(model=ACTS, mode="dialogue", voice_settings=VoiceSettings(stability=0.4))
    assert asked.sha256 == again.sha256 != other.sha256


def test_a_request_is_no_longer_than_the_model_speaks_at_once() -> None:
    turns = [Turn(("Kim", "Lee")[number % 2], (LINE * 5 + str(number),)) for number in range(20)]
    requests = plan(turns, ACTS, mode="dialogue")
    assert [len(request.inputs) for request in requests] == [6, 6, 6, 2]
    assert all(request.characters <= ACTS.dialogue_characters for request in requests)


def test_a_turn_too_long_for_a_dialogue_is_spoken_by_itself() -> None:
    turns = [*TURNS, Turn("Lee", (LINE * 40,)), *TURNS]
    requests = plan(turns, ACTS, mode="dialogue")
    assert [len(request.inputs) for request in requests] == [3, 1, 1, 3]
    assert requests[1].options == plan(turns, ACTS)[3].options
    assert hashes(requests[1:3]) == hashes(plan([turns[3]], ACTS))


def test_a_request_has_ten_voices_at_most() -> None:
    names = [f"Speaker {number}" for number in range(23)]
    casting = Casting({name: CastVoice(Voice(name, name), "auto") for name in names})
    requests = plan([Turn(name, ("Hello.",)) for name in names], ACTS, casting=casting, mode="dialogue")
    assert [len(request.inputs) for request in requests] == [10, 10, 3]


def test_timings_tell_where_each_turn_of_a_dialogue_begins() -> None:
    assert [request.with_timings for request in plan(model=ACTS, mode="dialogue")] == [True]
    blind = SpeechModel("blind", dialogue_characters=1_500, times_characters=False)
    assert [request.with_timings for request in plan(model=blind, mode="dialogue")] == [False]


def test_a_model_that_speaks_no_dialogues_is_told() -> None:
    problem = mode_problem(SpeechSettings(mode="dialogue"), SMALL)
    assert problem is not None
    assert "speech.mode" in problem
    assert "small" in problem
    assert mode_problem(SpeechSettings(mode="dialogue"), ACTS) is None
    assert mode_problem(SpeechSettings(), SMALL) is None
    assert hashes(plan(model=SMALL, mode="dialogue")) == hashes(plan(model=SMALL))
