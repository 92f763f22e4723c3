from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esl_pipeline.speech import speech_model
from esl_pipeline.speech.cleaning import clean_for_speech

READS_BRACKETS = speech_model("eleven_multilingual_v2")
ACTS_BRACKETS = speech_model("eleven_v3")

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
    "one\u00a0two\n\tthree\u200b  four\u0000five": "one two three four five",
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


def letters(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c)[0] in "LN")


@given(st.text().filter(lambda text: "[" not in text))
def test_no_letter_and_no_digit_is_ever_lost(text: str) -> None:
    assert letters(clean_for_speech(text, READS_BRACKETS)) == letters(text)


@given(st.text(st.sampled_from("ab1 _-*•\n\u00a0\u200b🎉👍🏽.,!?[]'")))
def test_cleaning_twice_changes_nothing_and_gives_one_line(text: str) -> None:
    once = clean_for_speech(text, READS_BRACKETS)
    assert once == " ".join(once.split())
    assert letters(clean_for_speech(text, ACTS_BRACKETS)) == letters(text)
