from __future__ import annotations

from esl_pipeline.speech import Cue
from esl_pipeline.speech.reading_along import by_sentence
from esl_pipeline.speech.words import Word

LONG = "It was a cold and rainy evening in the old town. Nobody was in the street, and all the shops had closed.\n" * 2


def cue(text: str, *, timed: bool = True) -> Cue:
    """One word a second, from the tenth second on."""
    texts = text.split()
    words = tuple(Word(word, 10.2 + n, 11.0 + n) for n, word in enumerate(texts)) if timed else ()
    return Cue("Kim", text, 10.0, 10.5 + len(texts), words, "paragraph")


def test_a_long_paragraph_is_shown_sentence_by_sentence() -> None:
    whole = cue(LONG)
    parts = by_sentence([whole])
    assert [len(part.text.split()) for part in parts] == [11, 11, 11, 11]
    assert [(part.start_s, part.end_s) for part in parts] == [(10.0, 21.2), (21.2, 32.2), (32.2, 43.2), (43.2, 54.5)]
    assert tuple(word for part in parts for word in part.words) == whole.words
    assert all(part.timed() and part.speaker == "Kim" for part in parts)
    assert [part.pause_after for part in parts] == ["sentence", "sentence", "sentence", "paragraph"]


def test_what_is_short_is_shown_whole() -> None:
    short = cue("Where is it? Over there.")
    assert by_sentence([short]) == (short,)


def test_where_words_are_not_timed_the_paragraph_is_shown_whole() -> None:
    untimed = cue(LONG, timed=False)
    assert by_sentence([untimed]) == (untimed,)


def test_a_long_sentence_is_shown_whole() -> None:
    long = cue("and then " * 30)
    assert by_sentence([long]) == (long,)
