"""The lessons of the corpus, from the file to what is asked of the vendor."""

from __future__ import annotations

import json
import unicodedata
from itertools import groupby
from pathlib import Path

from esl_pipeline.lessons import read_lesson
from esl_pipeline.manifests.settings import SpeechSettings
from esl_pipeline.speech import Casting, CastVoice, SpeechModel, Voice, cast, plan_segments, voices_from_catalogue
from esl_pipeline_tests.lessons.lesson_text import head_text, lesson_text
from esl_pipeline_tests.speech.planning import plan


def words(text: str) -> list[str]:
    """As the corpus counts them: what is neither letter nor digit is cut off both ends of each piece."""
    pieces = unicodedata.normalize("NFC", text).replace("’", "'").lower().split()
    cut = (piece.strip("".join({c for c in piece if unicodedata.category(c)[0] not in "LN"})) for piece in pieces)
    return [piece for piece in cut if piece]


def test_every_word_of_a_lesson_is_asked_for_in_its_speakers_voice(shared: Path) -> None:
    files = json.loads((shared / "lessons" / "expected.json").read_text())["files"]
    catalogue = json.loads((shared / "recorded" / "predecessor-voices.json").read_text())["voices"]
    settings, voices = SpeechSettings(), voices_from_catalogue(catalogue)
    valid = {name: about for name, about in files.items() if name.startswith("valid/")}
    assert len(valid) >= 10
    for name, about in valid.items():
        lesson = read_lesson((shared / "lessons" / name).read_bytes().decode()).lesson
        assert lesson
        speakers = list(dict.fromkeys(turn.speaker for turn in lesson.turns))
        casting = cast(speakers, lesson.front_matter.speaker_profiles, settings, voices)
        requests = plan_segments(
            lesson.turns, casting, settings, engine="any", endpoint="sandbox", model=SpeechModel("any")
        )
        inputs = [one for request in requests for one in request.inputs]
        spoken_by = [speaker for speaker, _ in groupby(one.speaker for one in inputs)]
        assert spoken_by == [turn.speaker for turn in lesson.turns], name
        assert list(casting.voices) == about["speakers"], name
        assert [word for one in inputs for word in words(one.text)] == about["spoken_words"], name
        assert [word for one in inputs for word in words(one.written)] == about["spoken_words"], name


def test_names_and_times_before_a_colon_are_told_apart_and_nothing_is_lost_ttsd2() -> None:
    study = "[Alex]: Hi\n**Emma:** I want\nIt was 10:30 and rain fell.\nRemember this: go home.\nAlex: Bye"
    lesson = read_lesson(lesson_text(head=head_text(speaker_labels="[Alex, Emma]"), study=study)).lesson
    assert lesson
    casting = Casting({name: CastVoice(Voice(name, name), "auto") for name in ("Alex", "Emma")})
    requests = plan(lesson.turns, casting=casting)
    assert [(one.speaker, one.text) for request in requests for one in request.inputs] == [
        ("Alex", "Hi"),
        ("Emma", "I want\nIt was 10:30 and rain fell. Remember this: go home."),
        ("Alex", "Bye"),
    ]


def test_paragraphs_of_a_lesson_are_bought_and_parted_by_pauses_ttsd12() -> None:
    long = "This is a sentence of a long paragraph that we read without any haste at all, in the evening. " * 2
    lesson = read_lesson(lesson_text(study=f"Kim: {long}\nand on.\n\n{long}\n\n- {long}")).lesson
    assert lesson
    requests = plan(lesson.turns)
    assert [request.inputs[0].pause_after for request in requests] == ["paragraph", "paragraph", "turn"]
    assert requests[0].inputs[0].text == f"{long.strip()} and on."
