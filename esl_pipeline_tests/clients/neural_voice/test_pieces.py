from __future__ import annotations

import pytest

from esl_pipeline.clients.neural_voice.pieces import Clause, pieces
from esl_pipeline_tests.clients.neural_voice.extra import needs_neural

pytestmark = needs_neural


def marks(text: str) -> str:
    from esl_pipeline.clients.neural_voice.sounds import clauses

    return "".join(clause.mark for clause in clauses(text, "british"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Well, I see: yes; no. Oh! Really? So…", ",:;.!?…"),
        ("“Is it?” she asked. (No.)", "?.."),
        ("What?! No!! Wait...", "?!…"),
        ("Yes — no – maybe", "——"),
        ("At 3:30, version 2.5 of it", ","),
        ("", ""),
        ("?!", ""),
        ("First line\nSecond line.", "."),
    ],
)
def test_clauses_end_at_the_punctuation_that_a_reader_pauses_at(text: str, expected: str) -> None:
    assert marks(text) == expected


def test_sounds_have_the_accent_of_the_voice() -> None:
    from esl_pipeline.clients.neural_voice.sounds import clauses

    assert [clause.sounds for clause in clauses("the car can't", "american")] == ["ðə kˈɑːɹ kˈænt"]
    assert [clause.sounds for clause in clauses("the car can't", "british")] == ["ðə kˈɑː kˈɑːnt"]


def test_a_long_text_is_cut_between_sentences_else_between_clauses_else_between_words() -> None:
    first, second = Clause("a" * 6, "."), Clause("b" * 6, ".")
    assert list(pieces([first, second], 20)) == ["aaaaaa. bbbbbb."]
    assert list(pieces([first, second], 10)) == ["aaaaaa.", "bbbbbb."]
    assert list(pieces([Clause("a" * 6, ","), Clause("b" * 6, ","), Clause("c", ".")], 10)) == [
        "aaaaaa,",
        "bbbbbb, c.",
    ]
    assert list(pieces([Clause("aaa bbb ccc ddd", ".")], 8)) == ["aaa bbb", "ccc ddd."]
    assert list(pieces([Clause("a" * 10, "")], 4)) == ["aaaa", "aaaa", "aa"]
    assert list(pieces([], 4)) == []


def test_nothing_of_a_long_text_is_lost_and_no_piece_is_longer_than_the_model_takes() -> None:
    from esl_pipeline.clients.neural_voice.sounds import clauses

    text = "The bus to the city centre is often late, so we leave early and wait for it. " * 20
    found = list(clauses(text, "british"))
    cut = list(pieces(found))
    assert " ".join(cut) == " ".join(f"{clause.sounds}{clause.mark}" for clause in found)
    assert max(map(len, cut)) <= 400
    assert len(cut) > 1
    assert all(piece.endswith(".") for piece in cut)
