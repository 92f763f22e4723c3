from __future__ import annotations

import pytest

from esl_pipeline.speech.pronunciations import Pronunciations

RULES = {
    "Siobhan": "Shivawn",
    "Ng": "Ing",
    "New": "Nyoo",
    "New York": "Noo Yawk",
    "York": "Yorrk",
    "cat": "dog",
    "dog": "cat",
    "C++": "see plus plus",
    "Zoë": "Zo-ee",
    "naïve\u0301": "x",
    "it's": "it is",
}
SPOKEN = {
    "Siobhan, SIOBHAN and siobhan's mum": "Shivawn, Shivawn and Shivawn's mum",
    "Ms Ng sang.": "Ms Ing sang.",
    "New York, new\n york and York": "Noo Yawk, Noo Yawk and Yorrk",
    "A new York road": "A Noo Yawk road",
    "a cat and a dog": "a dog and a cat",
    "cats, concat, cat_1, cat2": "cats, concat, cat_1, cat2",
    "I like C++.": "I like see plus plus.",
    "Zoe\u0308, ZOË": "Zoe\u0308, Zo-ee",
    "It's": "it is",
    "": "",
}


@pytest.mark.parametrize("written", SPOKEN)
def test_whole_words_are_replaced_once_in_any_case_the_longest_first(written: str) -> None:
    assert Pronunciations(RULES).applied(written) == SPOKEN[written]


def test_without_rules_nothing_changes() -> None:
    assert Pronunciations({}).applied("as it is") == Pronunciations({" ": "x"}).applied("as it is") == "as it is"


def test_what_is_spoken_may_look_like_a_pattern() -> None:
    assert Pronunciations({"a.b": r"\1 \g<0>"}).applied("a.b axb") == r"\1 \g<0> axb"
