from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esl_pipeline.speech import SpeechModel
from esl_pipeline.speech.cleaning import clean_for_speech, flowing

READS_BRACKETS = SpeechModel("reads")
ACTS_BRACKETS = SpeechModel("acts", performs_brackets=True)

SPOKEN = {
    "I ____ to school every day.": "I to school every day.",
    "It's ______.": "It's.",
    "snake_case": "snake_case",
    "Well done! 🎉🎉": "Well done!",
    "👩‍🏫 Hello": "Hello",
    "🇬🇧 London 🏴󠁧󠁢󠁥󠁮󠁧󠁿": "London",
    "Thumbs 👍🏽 up": "Thumbs up",
    "Press 1️⃣ now": "Press 1 now",
    "© 2026 Acme™": "© 2026 Acme™",
    "- A ticket, please.": "A ticket, please.",
    "• A ticket, please.": "A ticket, please.",
    "well-known - and liked": "well-known - and liked",
    "2. I live here.": "2. I live here.",
    "7:55, 4-0-7 and €100": "7:55, 4-0-7 and €100",
    "one\u00a0two\n\tthree\u200b  four\u0000five": "one two\nthree four five",
    "**Hi** `there` ~~no~~ * you": "Hi there no you",
    "# 5 * 3 = 15, 2*3": "5 * 3 = 15, 2*3",
    "> - #1 is it": "#1 is it",
    "<b>Bold</b><br/>a < b > c <3": "Bold a < b > c <3",
    "- milk\n* eggs\n____\n🎉": "milk\neggs",
    "Oh! (laughs) No (he sighs), (Pause.) stop (smiling at Tom).": "Oh! No, stop.",
    "I (pause here) like (laughable) tea (green) (see p. 4).": "I like (laughable) tea (green) (see p. 4).",
    "soft\u00adware": "software",
    "[laughs] Hi [waves to Anna]!": "Hi!",
    "The form says [please write your full name and address in this box] here.": (
        "The form says [please write your full name and address in this box] here."
    ),
    "Hi [there": "Hi [there",
    "cafe\u0301": "café",
    "می\u200cخواهم": "می\u200cخواهم",
    "a\u200c \u200d b": "a b",
    "Wait… what?!": "Wait… what?!",
}


@pytest.mark.parametrize("written", SPOKEN)
def test_text_is_said_as_it_is_meant(written: str) -> None:
    assert clean_for_speech(written, READS_BRACKETS) == SPOKEN[written]


@pytest.mark.parametrize("written", ["", "  ", "____", "🎉", "…", "?!", "-", "[sighs]", "- 🎉 ____ ."])
def test_nothing_is_said_where_there_is_nothing_to_say(written: str) -> None:
    assert clean_for_speech(written, READS_BRACKETS) == ""


def test_a_model_that_acts_gets_the_stage_directions() -> None:
    assert clean_for_speech("[laughs] Hi 🎉", ACTS_BRACKETS) == "[laughs] Hi"


FLOWS = {
    "The cat sat\non the mat.\nIt slept": "The cat sat on the mat. It slept",
    "milk\nEggs\n2 apples": "milk\nEggs\n2 apples",
    "Buy:\nMilk,\nEggs": "Buy: Milk, Eggs",
    "He said “No.”\nThen": "He said “No.” Then",
    " a\t b \n\n \r\nC ": "a b\nC",
}


@pytest.mark.parametrize("written", FLOWS)
def test_lines_of_a_sentence_are_read_on_and_those_of_a_list_are_not(written: str) -> None:
    assert flowing(written) == FLOWS[written]
    assert flowing(flowing(written)) == FLOWS[written]


def letters(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c)[0] in "LN")


@given(st.text().filter(lambda text: not set("[<(") & set(text)))
def test_no_letter_and_no_digit_is_ever_lost(text: str) -> None:
    assert letters(clean_for_speech(text, READS_BRACKETS)) == letters(text)


@given(st.text(st.sampled_from("ab1 _-*•\n\u00a0\u200b🎉👍🏽.,!?[]'")))
def test_what_is_clean_has_single_blanks_and_no_line_without_words(text: str) -> None:
    once = clean_for_speech(text, READS_BRACKETS)
    assert once == "\n".join(" ".join(line.split()) for line in once.split("\n"))
    assert not once or all(letters(line) for line in once.split("\n"))
    assert letters(clean_for_speech(text, ACTS_BRACKETS)) == letters(text)
