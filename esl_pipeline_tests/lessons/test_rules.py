from __future__ import annotations

import pytest

from esl_pipeline.lessons import RULES, read_lesson
from esl_pipeline_tests.lessons.lesson_text import ITEMS, SECTIONS, head_text, lesson_text, line_of

PRACTICE = "## 5. Practice & Pronunciation\n\n### A. Controlled Practice{}\n\n{}"
KEY, PLAN = f"## {SECTIONS[7]}", f"## {SECTIONS[8]}"
LONG_WORD = "Donaudampfschifffahrtsgesellschaftskapitän"

# what is wrong, the lesson, the rule, and text that begins the line in question
CASES = [
    ("no frame", lesson_text(fence=""), "V-FN", "markdown"),
    ("a frame of tildes", lesson_text(fence="~~~"), "V-FN", "~~~"),
    ("a frame that is never closed", lesson_text().removesuffix("```\n"), "V-FN", "```"),
    ("a frame in the middle of a line", f"Here: {lesson_text()}".removesuffix("```\n"), "V-FN", "Here"),
    ("a code block in the lesson", lesson_text(extra="```py\nx\n```"), "V-FN2", "```\n\n## 5"),
    ("no head", lesson_text().replace("---\n", "", 1), "V-FM", "title"),
    ("a head that is never closed", lesson_text().replace("---\n##", "##", 1), "V-FM", "---"),
    ("no title", lesson_text(head=head_text(title=None)), "V-FM", "---"),
    ("an empty title", lesson_text(head=head_text(title='""')), "V-FM", "title"),
    ("a number as level", lesson_text(head=head_text(level="2")), "V-FM", "level"),
    ("a study text for two hours", lesson_text(study="Kim: " + "word " * 20_001 + "\nLee: b"), "V-ST6", ":::study"),
    ("a date as title", lesson_text(head=head_text(title="2026-11-20")), "V-FM", "title"),
    ("no topic", lesson_text(head=head_text(topic="")), "V-FM", "topic"),
    ("an empty list of topics", lesson_text(head=head_text(topic="[]")), "V-FM", "topic"),
    ("a mapping as topic", lesson_text(head=head_text(topic="{a: b}")), "V-FM", "topic"),
    ("one label that is no list", lesson_text(head=head_text(speaker_labels="Kim")), "V-FM", "speaker_labels"),
    ("a number as label", lesson_text(head=head_text(speaker_labels="\n  - Kim\n  - 7")), "V-FM", "  - 7"),
    ("a profile that is a text", lesson_text(head=head_text(speaker_profiles="[Kim]")), "V-FM", "speaker_profiles"),
    ("a profile without id", lesson_text(head=head_text(speaker_profiles="\n  - role: x")), "V-PF", "  - role"),
    ("a list of properties", lesson_text(head=head_text(properties="[a]")), "V-FM", "properties"),
    ("digits as icon", lesson_text(head=head_text(icon='"123"')), "V-IC", "icon"),
    ("two emoji as icon", lesson_text(head=head_text(icon="🔭🌙")), "V-IC", "icon"),
    ("a script as cover", lesson_text(head=head_text(cover="javascript:alert(1)")), "V-CV", "cover"),
    ("a cover without host", lesson_text(head=head_text(cover="https:///a.png")), "V-CV", "cover"),
    ("a second colon", lesson_text(head=head_text(title="Homework: Test")), "V-YM", "title"),
    ("a list that is never closed", lesson_text(head=head_text(topic="[a")), "V-YM", "input_type"),
    ("a field that is there twice", lesson_text(head=head_text() + "\ntitle: b"), "V-YM", "title: b"),
    ("a tag", lesson_text(head=head_text(topic="!!python/name:os.system")), "V-YM", "topic"),
    ("a text as head", lesson_text(head="Hello"), "V-YM", "Hello"),
    ("a control character", lesson_text(head=head_text(topic="a\x07")), "V-YM", "topic"),
    ("a list that contains itself", lesson_text(head=head_text(topic="&a [*a]")), "V-YM", "topic"),
    ("half a character", lesson_text(head=head_text(topic='"odd \\udce9"')), "V-YM", "topic"),
    ("an escaped control character", lesson_text(head=head_text(topic='["a", "\\0"]')), "V-YM", "topic"),
    ("another input type", lesson_text(head=head_text(input_type="mixed")), "V-IT", "input_type"),
    ("a section too few", lesson_text(s7=""), "V-H2N", KEY),
    ("a section too many", lesson_text(extra="## More"), "V-H2N", "## More"),
    ("a setext heading", lesson_text(extra="text\n---"), "V-H2N", "text"),
    ("a heading in a toggle", lesson_text(extra=":::toggle-heading T\n## More\n:::"), "V-H2N", "## More"),
    ("another heading", lesson_text(s2="## 2. Roadmap"), "V-H2M", "## 2. Roadmap"),
    ("a heading without its number", lesson_text(s4="## Language Toolkit: Useful Language"), "V-H2M", "## Language"),
    ("words behind a heading", lesson_text(s2="## 2. Your Homework Roadmap (Plus)"), "V-H2M", "## 2."),
    ("no answer key", lesson_text(s8=KEY), "V-AK", KEY),
    ("an answer key in toggle-h3", lesson_text(s8=f"{KEY}\n:::toggle-h3 Answer Key\na\n:::"), "V-AK", KEY),
    ("an answer key in toggle-h1", lesson_text(s8=f"{KEY}\n:::toggle-h1 Answer Key\na\n:::"), "V-AK", KEY),
    ("an emoji before the label", lesson_text(s8=f"{KEY}\n:::toggle-h2 🔑 Answer Key\na\n:::"), "V-AK", KEY),
    ("no plan", lesson_text(s9=PLAN), "V-TP", PLAN),
    ("a plan in toggle-h1", lesson_text(s9=f"{PLAN}\n:::toggle-h1 Teacher's Follow-up Plan\na\n:::"), "V-TP", PLAN),
    ("no exercises", lesson_text(s5="## 5. Practice & Pronunciation"), "V-CP0", "## 5."),
    ("seven exercises", lesson_text(s5=PRACTICE.format("", ITEMS[:-8])), "V-CP1", "### A."),
    ("16 exercises", lesson_text(s5=PRACTICE.format(" (Mix)", f"{ITEMS}\n\na\n\n{ITEMS}")), "V-CP1", "### A."),
    ("one question", lesson_text(extra="### B. Comprehension Check\n1. Why?"), "V-CC", "### B."),
    ("no study text", lesson_text(s3="## 3. Input Material"), "V-ST0", "## 3."),
    ("an indented study text", lesson_text().replace(":::study", "  :::study"), "V-ST1", "  :::study"),
    ("a mark with a tail", lesson_text().replace("study-text", "study-textual"), "V-ST2", ":::study-textual"),
    ("a mark behind text", lesson_text().replace(":::study", "a :::study"), "V-ST2", "a :::study"),
    ("an indented closer", lesson_text(study="Kim: a\n :::\n"), "V-ST3", " :::"),
    (
        "a study text that is never closed",
        lesson_text(study="Kim: a\n::: end").replace("end\n:::", "end"),
        "V-ST4",
        ":::st",
    ),
    ("a study text of emoji and gaps", lesson_text(study="Kim: 😀🎉\nLee: ____ 👍\n"), "V-ST5", ":::study-text"),
    ("an empty study text", lesson_text(study="\n<!-- Kim: a -->\n"), "V-ST5", ":::study-text"),
    (
        "a short text for one",
        lesson_text(head=head_text(speaker_labels="[narrator]"), study="a\n\nb"),
        "V-LEN",
        ":::st",
    ),
    ("a stranger", lesson_text(study="Kim: a\n- Zed: b"), "V-SP1", "- Zed"),
    ("text before anybody speaks", lesson_text(study="a\nb\nKim: c"), "V-SP2", "a\nb"),
    ("a callout without icon", lesson_text(extra=":::callout\na\n:::"), "V-CO1", ":::callout"),
    ("a callout with a word as icon", lesson_text(extra=":::callout NOTE\na\n:::"), "V-IC", ":::callout"),
    ("an empty callout", lesson_text(extra=":::callout 💡\n\n:::"), "V-CO2", ":::callout"),
    ("an open callout", lesson_text(extra=":::callout 💡\na"), "V-CO3", ":::callout"),
    (
        "a callout in a column",
        lesson_text(extra=":::column-list\n:::column\n :::callout\n a\n :::\n:::\n:::"),
        "V-CO1",
        " :::c",
    ),
    ("no columns", lesson_text(extra=":::column-list\na\n:::"), "V-CL1", ":::column-list"),
    (
        "an empty column",
        lesson_text(extra=":::column-list\n:::column\na\n:::\n:::column \n\n:::\n:::"),
        "V-CL2",
        ":::column \n",
    ),
    ("an open column list", lesson_text(extra=":::column-list\n:::column\na\n:::"), "V-CL3", ":::column-list"),
    (
        "an open column",
        lesson_text(extra=":::column-list\n:::column\na\n:::column\nb\n:::\n:::"),
        "V-CL3",
        ":::column\na",
    ),
    ("a column alone", lesson_text(extra=":::column\na\n:::"), "V-CL4", ":::column"),
    ("text between columns", lesson_text(extra=":::column-list\nxyz\n:::column\na\n:::\n:::"), "V-CL5", "xyz"),
    ("an open synced block", lesson_text(extra=":::synced-block\na"), "V-SB1", ":::synced"),
    ("an empty synced block", lesson_text(extra=":::synced-block\n\n:::"), "V-SB2", ":::synced"),
    ("an open toggle", lesson_text(extra=":::toggle-h3 T\na"), "V-TG1", ":::toggle-h3"),
    ("a toggle without label", lesson_text(extra=":::toggle-h3\na\n:::"), "V-TG2", ":::toggle-h3"),
    ("audio without address", lesson_text(extra=":::audio"), "V-AV", ":::audio"),
    ("video without scheme", lesson_text(extra=":::video www.example.org/a.mp4"), "V-AV", ":::video"),
    ("a table without cells", lesson_text(extra="|"), "V-TB1", "|"),
    ("a ragged table", lesson_text(extra="| a | b |\n| --- | --- |\n| c | d |\n| e |"), "V-TB2", "| e |"),
    ("a ragged table without header", lesson_text(extra="  | a | b |\n  | c |"), "V-TB2", "  | c |"),
    ("a table without rows", lesson_text(extra="| a |\n| --- |"), "V-TB3", "| a |"),
    ("a code block", lesson_text(extra="~~~\nx\n~~~"), "V-CB", "~~~"),
    ("text that is indented like code", lesson_text(extra="    xyz"), "V-CB", "    xyz"),
    ("a link to a file", lesson_text(extra="a\nb [c](d.md)"), "V-LK", "b [c]"),
    ("a closer too many", lesson_text(extra="a\n\n  :::\n\nb"), "V-DC", "  :::\n\nb"),
    ("an unknown directive", lesson_text(extra=":::colums"), "V-DU", ":::colums"),
    ("a second study text, misspelt", lesson_text(extra=":::study-textual"), "V-DU", ":::study-textual"),
    ("a misspelt colour", lesson_text(extra='a\n\nb {color="bleu"}'), "V-CR", "b {color"),
    ("a misspelt colour within a line", lesson_text(extra='a\nb [c]{color="rde"} d'), "V-CR", "b [c]"),
    ("a colour without a name", lesson_text(extra=":::toc {color=}"), "V-CR", ":::toc"),
    ("a colour in the middle of a line", lesson_text(extra='a\nb {color="red"} c'), "V-AT", "b {color"),
    ("a coloured picture", lesson_text(extra="![a](https://x.example.org/a.png) {color=red}"), "V-AT", "![a]"),
    (
        "coloured columns",
        lesson_text(extra=":::column-list {color=red}\n:::column\na\n:::\n:::column\nb\n:::\n:::"),
        "V-AT",
        ":::column-list",
    ),
    ("a callout of an unknown kind", lesson_text(extra="> [!HINT]\n> a"), "V-QM", "> [!HINT]"),
    ("an empty callout of Markdown's", lesson_text(extra="> [!NOTE]"), "V-CO2", "> [!NOTE]"),
    ("a list that goes on at 5", lesson_text(extra="5. a\n6. b"), "V-LS", "5. a"),
    ("a heading of level 5", lesson_text(extra="##### a"), "V-H5", "##### a"),
    ("an equation that is spoken", lesson_text(study="Kim: a\n\nLee: It is $e=mc^2$."), "V-EQ", "Lee: It"),
    ("quotes in quotes without end", lesson_text(extra=">" * 10_000), "V-DP", ">>>"),
]


def test_the_lesson_that_tests_start_from_is_without_a_fault() -> None:
    assert read_lesson(lesson_text()).problems == ()


@pytest.mark.parametrize(("what", "text", "rule", "place"), CASES, ids=[case[0] for case in CASES])
def test_a_broken_rule_is_reported_where_it_is_broken(what: str, text: str, rule: str, place: str) -> None:
    problems = read_lesson(text, file="a.md").problems
    found = [problem for problem in problems if problem.rule == rule]
    assert [problem.line for problem in found] == [line_of(f"\n{text}", f"\n{place}")]
    assert found[0].message
    assert found[0].file == "a.md"


FOLLOW = {
    "a code block in the lesson": {"V-CB", "V-H2N", "V-AK", "V-TP", "V-CP0"},
    "a head that is never closed": {"V-H2N", "V-AK", "V-TP", "V-CP0", "V-ST0"},
    "no head": {"V-H2N", "V-LEN"},
    "a mark with a tail": {"V-DC"},
    "a mark behind text": {"V-DC"},
    "an indented closer": {"V-DC"},
    "a study text that is never closed": {"V-DU"},
    "one label that is no list": {"V-LEN"},
    "a number as label": {"V-LEN"},
}
"""What else is reported, because it follows from the mistake."""


@pytest.mark.parametrize(("what", "text", "rule", "place"), CASES, ids=[case[0] for case in CASES])
def test_one_broken_rule_breaks_no_other(what: str, text: str, rule: str, place: str) -> None:
    # Without a head nobody knows who speaks, and the study text looks like a short one for one voice.
    follow = FOLLOW.get(what, set()) | ({"V-LEN"} if rule == "V-YM" else set())
    assert {problem.rule for problem in read_lesson(text).problems} - {rule} <= follow


def test_each_rule_has_a_case() -> None:
    assert {rule.id for rule in RULES} - {case[2] for case in CASES} == {"V-SZ"}


@pytest.mark.parametrize(
    "text",
    [
        lesson_text(fence="````", extra="```py\nx\n```").replace("```py\nx\n```", "`x`"),
        lesson_text().replace("```markdown", "```"),
        lesson_text().replace("```markdown", "```md title=x"),
        f"Hello!\n\n{lesson_text()}\nBye!\n\n```\nanother block\n```\n",
        f"\ufeff{lesson_text()}",
        lesson_text().replace("\n", "\r\n"),
        lesson_text().replace("\n", "\r"),
        lesson_text(head=head_text(title='" "')),
        lesson_text(head=head_text(speaker_labels="[Kim, Lee, Max]", icon="1️⃣", cover="http://x.example.org")),
        lesson_text(head=head_text() + "\nicon: 🏴󠁧󠁢󠁥󠁮󠁧󠁿\nunknown: {a: [b]}\nproperties:"),
        lesson_text(s1="## 🏠 1. THIS **Week’s** Mission\u00a0 Briefing!!"),
        lesson_text(s9="## 9. Teacher‘s Follow-up Plan\n\n:::toggle-h3 teacher’s   follow-up plan (B1)\na\n:::"),
        lesson_text(s8=f"{KEY}\n\n:::toggle-h2 answer  key – look here last\na\n:::"),
        lesson_text(s5=PRACTICE.format(" – Mix", ITEMS.replace(". ", ") "))),
        lesson_text(s5=PRACTICE.format("", ITEMS.replace("\n", "\n\n"))),
        lesson_text(s5=PRACTICE.format("", f":::callout 💡\n{ITEMS}\n:::")),
        lesson_text(extra="> ## Quoted\n\n- ## In an item"),
        lesson_text(extra="a\n\n---\n\nb"),
        lesson_text(extra="| a \\| b | c |\n| - | :-: |\n| `d` | e |"),
        lesson_text(extra="| a |"),
        lesson_text(extra=":::callout 💡 text\n:::"),
        lesson_text(extra=":::synced-block abc\n:::\n:::toc\n:::audio https://x.example.org/a.mp3"),
        lesson_text(study="ALEX: a", head=head_text(speaker_labels="[Alex]")),
        lesson_text(study=f"Kim: a\n{LONG_WORD}: b\nAt 10:30 we go\nRemember this: go"),
        lesson_text(study="Kim: a\n\n:::callout 💡\nb\n:::\nLee: c"),
        lesson_text(extra="Write `:::study-text` here."),
        lesson_text(extra="It costs $5, not 6$. {a} {size=3} C++ == C++ $e=mc^2$\n\n$$\nx\n$$"),
        lesson_text(s1=f'## {SECTIONS[0]} {{color="blue_background"}}'),
        lesson_text(s8=f"{KEY}\n\n:::toggle-h2 Answer Key {{color=grey}}\na\n:::"),
        lesson_text(study="Kim: a ==b== ++c++ [d]{color=red} {color=blue}\nLee: e"),
    ],
)
def test_what_may_look_odd_is_accepted_without_a_word(text: str) -> None:
    assert read_lesson(text).problems == ()


def test_all_problems_come_at_once_and_in_file_order() -> None:
    text = lesson_text(
        head=head_text(level="2", icon="x", title=None, cover="ftp://x.example.org"),
        study="Zed: a\nKim: b",
        extra=":::callout\na\n:::\n\n:::audio",
        s9=PLAN,
    )
    problems = read_lesson(text).problems
    assert [problem.rule for problem in problems] == ["V-FM", "V-FM", "V-IC", "V-CV", "V-SP1", "V-CO1", "V-AV", "V-TP"]
    assert [(problem.line, problem.column) for problem in problems] == sorted(
        (problem.line, problem.column) for problem in problems
    )


@pytest.mark.parametrize(
    ("written", "near"), [("bleu", "blue"), ("gren background", "green_background"), ("purpel_bg", "purple_background")]
)
def test_a_misspelt_colour_is_answered_with_the_nearest(written: str, near: str) -> None:
    (problem,) = read_lesson(lesson_text(extra=f'a {{color="{written}"}}')).problems
    assert f"Did you mean {near}?" in problem.fix


def test_markup_and_colours_are_not_spoken() -> None:
    study = "Kim: It is ==high== and l++ow++, [red]{color=red} [here](https://x.example.org){color=blue} {color=pink}"
    lesson = read_lesson(lesson_text(study=f"{study}\nLee: So $e=mc^2$.\n\n> [!NOTE] Loudly\n> And $$.\n")).lesson
    assert lesson is not None
    kim, lee = lesson.turns
    assert kim.paragraphs == ("It is high and low, red here",)
    assert lee.paragraphs == ("So e=mc^2.", "Loudly", "And $$.")


def test_a_stranger_and_those_who_may_speak_are_named() -> None:
    (problem,) = read_lesson(lesson_text(study="Kim: a\n**[Old Man]**: b")).problems
    assert "“Old Man”" in problem.message
    assert "Kim, Lee" in problem.message
