from __future__ import annotations

import re
from typing import Any

import pytest

from esl_pipeline.lessons.model import Turn
from esl_pipeline.manifests.settings import VoiceSettings
from esl_pipeline.speech import SegmentRequest, SpeechModel
from esl_pipeline_tests.speech.planning import ACTS, ENDPOINT, SMALL, STEADY, TURNS, hashes, plan, texts

ALL_SETTINGS = {"stability": 0.5, "similarity_boost": 0.75, "style": 0.0, "use_speaker_boost": True, "speed": 0.85}


def spoken(requests: tuple[SegmentRequest, ...]) -> list[tuple[str, str, str, str]]:
    return [(one.speaker, one.voice.id, one.text, one.pause_after) for request in requests for one in request.inputs]


def test_short_turns_are_one_request_each_with_all_settings_sent_ttsd15() -> None:
    requests = plan(seed=7, voice_settings=VoiceSettings(speed=0.85))
    assert spoken(requests) == [
        ("Kim", "v1", "Hello!\nHow are you?", "turn"),
        ("Lee", "v2", "Fine.", "turn"),
        ("Kim", "v1", "Good.", "turn"),
    ]
    assert all((request.options, request.seed, request.model) == (ALL_SETTINGS, 7, "steady") for request in requests)


def test_paragraphs_are_parted_by_a_pause_ttsd12() -> None:
    long = "A sentence of a paragraph that is long enough to be spoken evenly. " * 3
    requests = plan([Turn("Kim", (long + "One.", long + "Two.", long + "Three."))])
    assert [one[3] for one in spoken(requests)] == ["paragraph", "paragraph", "turn"]
    assert [text.split()[-1] for text in texts(requests)] == ["One.", "Two.", "Three."]


def test_a_short_paragraph_goes_with_its_neighbour() -> None:
    long = "A sentence of a paragraph that is long enough to be spoken evenly. " * 3
    (one, other) = plan([Turn("Kim", ("My day", long, long, "Bye!"))])
    assert texts([one, other]) == [f"My day\n{long.strip()}", f"{long.strip()}\nBye!"]


def test_a_greeting_before_a_paragraph_that_is_cut_does_not_stand_alone() -> None:
    first, *_, last = texts(plan([Turn("Kim", ("Dear Granny,", "A sentence that says nothing. " * 60, "Bye"))]))
    assert first.startswith("Dear Granny,\nA sentence that says nothing. A")
    assert last.endswith("nothing.\nBye")


@pytest.mark.parametrize(("model", "code"), [(STEADY, None), (ACTS, "en")])
def test_the_language_goes_to_models_that_take_one(model: SpeechModel, code: str | None) -> None:
    assert {request.language_code for request in plan(model=model, language_code="en")} == {code}


def test_what_a_model_does_not_heed_is_neither_sent_nor_in_the_key() -> None:
    deaf = SpeechModel("deaf", heeds=frozenset({"stability"}), stability_steps=True, takes_seed=False)
    (asked, *_) = plan(model=deaf, voice_settings=VoiceSettings(stability=0.4, speed=0.8, style=0.3), seed=1)
    (other, *_) = plan(model=deaf, voice_settings=VoiceSettings(stability=0.6, speed=1.1), seed=2)
    assert (asked.options, asked.seed) == ({"stability": 0.5}, None)
    assert asked.sha256 == other.sha256


@pytest.mark.parametrize(
    ("own", "asked", "sent"), [(None, 0.85, 0.85), (0.9, 0.85, 0.9), (None, 0.5, 0.7), (None, 1.5, 1.2)]
)
def test_the_settings_speed_wins_and_stays_within_the_models_limits(
    own: float | None, asked: float, sent: float
) -> None:
    (request, *_) = plan(speed=asked, voice_settings=VoiceSettings(speed=own))
    assert request.options["speed"] == sent


def test_timings_are_asked_for_where_words_are_captioned_and_are_no_part_of_the_key() -> None:
    assert {request.with_timings for request in plan()} == {False}
    assert {request.with_timings for request in plan(word_captions=True)} == {True}
    assert hashes(plan(word_captions=True)) == hashes(plan())
    silent = SpeechModel("silent", times_characters=False)
    assert {request.with_timings for request in plan(model=silent, word_captions=True)} == {False}


def test_hashes_depend_on_all_that_is_heard() -> None:
    base = hashes(plan())
    assert all(re.fullmatch("[0-9a-f]{64}", sha256) for sha256 in base)
    assert base == hashes(plan()) == hashes(plan(endpoint=ENDPOINT + "/"))
    values: dict[str, Any] = {
        "stability": 0.4,
        "similarity_boost": 0.7,
        "style": 0.1,
        "use_speaker_boost": False,
        "speed": 0.9,
    }
    changed = [
        plan(endpoint="http://127.0.0.1:1"),
        plan(model=SpeechModel("other", takes_context=True)),
        plan(seed=1),
        *(plan(voice_settings=VoiceSettings(**{name: value})) for name, value in values.items()),
    ]
    for requests in changed:
        assert not set(hashes(requests)) & set(base)
    assert plan(model=ACTS, language_code="en")[0].sha256 != plan(model=ACTS)[0].sha256
    aliased = plan(pronunciations={"fine": "fyne"})
    assert [a == b for a, b in zip(hashes(aliased), base, strict=True)] == [True, False, True]


def test_hashes_depend_on_who_says_which_line_ttsd5() -> None:
    one = plan([Turn("Kim", ("Yes.",)), Turn("Lee", ("No.",))])
    other = plan([Turn("Lee", ("Yes.",)), Turn("Kim", ("No.",))])
    assert not set(hashes(one)) & set(hashes(other))


def dialogue_of_forty() -> list[Turn]:
    return [Turn(("Kim", "Lee")[number % 2], (f"This is line number {number} of ours.",)) for number in range(40)]


@pytest.mark.parametrize(("context", "changed"), [("turn", {17}), ("neighbours", {16, 17, 18})])
def test_an_edited_line_of_a_long_dialogue_changes_its_own_key_only(context: str, changed: set[int]) -> None:
    before, edited = dialogue_of_forty(), dialogue_of_forty()
    edited[17] = Turn("Lee", ("Something else altogether.",))
    keys = zip(hashes(plan(before, context=context)), hashes(plan(edited, context=context)), strict=True)
    assert {number for number, (one, other) in enumerate(keys) if one != other} == changed


@pytest.mark.parametrize("context", ["turn", "neighbours"])
def test_a_model_that_takes_no_context_gets_none(context: str) -> None:
    requests = plan([Turn("Kim", ("A sentence that says nothing. " * 90,)), *TURNS], SMALL, context=context)
    assert {(request.previous_text, request.next_text) for request in requests} == {("", "")}


def test_pieces_of_a_turn_know_their_neighbours_where_the_model_takes_that() -> None:
    first, second, *_, last = plan([*TURNS, Turn("Lee", ("A sentence that says nothing at all. " * 90,))])[3:]
    (text, following) = texts([first, second])
    assert (first.previous_text, first.next_text) == ("", following[:200])
    assert second.previous_text == text[-200:]
    assert last.next_text == ""


def test_a_turn_with_nothing_to_say_is_left_out_ttsd7() -> None:
    assert hashes(plan([Turn("Lee", ("____", "🎉")), *TURNS])) == hashes(plan())
    assert plan([Turn("Nobody", ("…",))]) == ()


def test_what_is_written_goes_beside_what_is_sent() -> None:
    turn = Turn("Kim", ("Say ____ to *Siobhan*\nnow 🎉!", "- milk"))
    ((one,),) = [request.inputs for request in plan([turn], pronunciations={"siobhan": "Shivawn"})]
    assert (one.text, one.written) == ("Say to Shivawn now!\nmilk", "Say ____ to *Siobhan* now 🎉!\n- milk")
