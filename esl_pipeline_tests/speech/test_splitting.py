from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esl_pipeline.lessons.model import Turn
from esl_pipeline.speech import SpeechModel
from esl_pipeline_tests.speech.planning import ACTS, SMALL, STEADY, plan, texts

TIGHT = SpeechModel("tight", 60, good_characters=60, short_characters=15, takes_context=True, spells_out=False)
SPELLS = SpeechModel("spells", spells_out=False)
MODELS = [STEADY, SMALL, ACTS, TIGHT, SPELLS]


@pytest.mark.parametrize("model", MODELS)
def test_a_paragraph_of_good_length_stays_whole(model: SpeechModel) -> None:
    text = ("A sentence of words. " * 100)[: model.good_characters - 1].strip() + "."
    assert texts(plan([Turn("Kim", (text,))], model)) == [text]


def test_a_long_paragraph_is_cut_at_sentences_and_not_behind_mr() -> None:
    sentence = "Then Mr. Smith, who had met J. Brown at 7.30 p.m. in town, said: “Hello!” "
    requests = plan([Turn("Kim", (sentence * 40,))], SMALL)
    pieces = texts(requests)
    assert len(pieces) == 3
    assert all(piece.startswith("Then Mr. Smith") and piece.endswith("“Hello!”") for piece in pieces)
    assert [request.inputs[0].pause_after for request in requests] == ["sentence", "sentence", "turn"]


def test_a_stage_direction_is_not_cut() -> None:
    pieces = texts(plan([Turn("Kim", ("Hello there. [Waves. Goes on.] " * 140,))], SMALL))
    assert len(pieces) > 1
    assert not set("[]") & set("".join(pieces))


@pytest.mark.parametrize("unbroken", ["word " * 1000, "x" * 5000, "clause, " * 700])
def test_text_without_sentences_is_cut_all_the_same(unbroken: str) -> None:
    pieces = texts(plan([Turn("Kim", (unbroken,))], SMALL))
    assert max(map(len, pieces)) <= 1200
    assert "".join("".join(pieces).split()) == "".join(unbroken.split())
    assert len(pieces) <= 8


# No abbreviation has these letters only; "ca." would be spoken as "about".
WORDS = st.lists(st.text(st.sampled_from("abqZ,.!?\"'\n"), min_size=1, max_size=12), min_size=1, max_size=200)
PARAGRAPHS = st.lists(WORDS, min_size=1, max_size=8)


def words(text: str) -> str:
    return "".join(re.findall("[abqZ]", text))


@settings(deadline=2_000)
@given(PARAGRAPHS, st.sampled_from(MODELS), st.sampled_from(["turns", "dialogue"]))
def test_joining_and_cutting_lose_no_letter_and_keep_the_limits(
    paragraphs: list[list[str]], model: SpeechModel, mode: str
) -> None:
    kim = Turn("Kim", tuple(" ".join(words) for words in paragraphs))
    requests = plan([kim, Turn("Lee", kim.paragraphs[:1])], model, mode=mode)
    inputs = [one for request in requests for one in request.inputs]
    written = words("".join((*kim.paragraphs, kim.paragraphs[0])))
    assert words("".join(one.written for one in inputs)) == words("".join(one.text for one in inputs)) == written
    assert all(one.text.strip() == one.text and one.text for one in inputs)
    for request in requests:
        limit = model.dialogue_characters if len(request.inputs) > 1 else model.max_characters
        assert request.characters <= limit


@given(PARAGRAPHS)
def test_pauses_end_with_the_turn(paragraphs: list[list[str]]) -> None:
    requests = plan([Turn("Kim", tuple(" ".join(words) for words in paragraphs))], TIGHT)
    pauses = [request.inputs[0].pause_after for request in requests]
    assert [pause == "turn" for pause in pauses] == [False] * (len(pauses) - 1) + [True] * bool(pauses)
