from __future__ import annotations

import html
import re
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from esl_pipeline.speech.captions import Cue
from esl_pipeline.speech.transcript import transcript

RICH = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def read(markdown: str) -> list[str]:
    """The headings and paragraphs that a reader of the Markdown sees, as plain text."""
    shown = re.sub(r"<br />\n", "\n", RICH.render(markdown))
    blocks = re.findall(r"<(?:h1|p)>(.*?)</(?:h1|p)>", shown, re.DOTALL)
    assert re.sub(r"</?(?:h1|p|strong)>", "", shown).count("<") == 0, shown
    return [html.unescape(re.sub(r"</?strong>", "", block)) for block in blocks]


def test_each_turn_has_its_time_and_speaker_and_its_paragraphs_apart() -> None:
    cues = [
        Cue("Kim", "Hi!", 0.9, 2, pause_after="paragraph"),
        Cue("Kim", "One.", 3, 4, pause_after="sentence"),
        Cue("Kim", "Two.\nThree.", 4, 5),
        Cue("Kim", "Again.", 72, 73),
        Cue("", "The end.", 3675, 3676),
    ]
    assert transcript(cues, title="At the café") == (
        "# At the café\n\n00:00 **Kim:** Hi!\n\nOne. Two.\\\nThree.\n\n01:12 **Kim:** Again.\n\n1:01:15 The end.\n"
    )


def test_a_lesson_without_speech_has_only_its_title() -> None:
    assert transcript([], title="Silence") == "# Silence\n"


@pytest.mark.parametrize(
    "text",
    [
        "*not bold* **nor this** _or_ __that__",
        "1. not a list",
        "- nor this",
        "+ 5 is 7",
        "# no heading",
        "> no quote",
        "---",
        "===",
        "~~~",
        "`code` and ~~struck~~",
        "<b>html</b> & &amp; &#65;",
        "[a](https://example.com) ![b](c)",
        "a | b",
        "back\\slash",
        "C# ##",
        "    four blanks",
    ],
)
def test_signs_of_markdown_are_read_as_they_stand(text: str) -> None:
    plain = " ".join(text.split())
    cues = [Cue("Kim*", "x", 0, 1, pause_after="paragraph"), Cue("Kim*", text, 0, 1)]
    assert read(transcript(cues, title=text)) == [plain, "00:00 Kim*: x", plain]


LINE = st.text(st.sampled_from("ab1.)-+=#*_`~<>[]()!|\\&;:$^ \t"), max_size=12)
PAUSE: st.SearchStrategy[Literal["turn", "paragraph", "sentence"]] = st.sampled_from(["turn", "paragraph", "sentence"])


@given(LINE, st.lists(st.tuples(LINE, st.lists(LINE, min_size=1, max_size=3), PAUSE), max_size=4))
def test_whatever_is_written_is_read_again(title: str, spoken: list[tuple[str, list[str], Literal["turn"]]]) -> None:
    cues = [Cue(speaker, "\n".join(lines), 0, 1, pause_after=pause) for speaker, lines, pause in spoken]
    shown = "".join("".join(read(transcript(cues, title=title))).split())
    expected, opens = "".join(title.split()), True
    for cue in cues:
        speaker = "".join(cue.speaker.split())
        expected += ("00:00" + (f"{speaker}:" if speaker else "")) * opens + "".join(cue.text.split())
        opens = cue.pause_after == "turn"
    assert shown == expected
