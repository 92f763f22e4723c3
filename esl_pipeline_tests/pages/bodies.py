"""Random bodies of lessons, well-formed but odd: every construct in every other, with and without colours."""

from __future__ import annotations

from hypothesis import strategies as st

WORDS = (
    "word",
    "**bold**",
    "==high *it*==",
    "++under++",
    "[red]{color=red}",
    "`code`",
    "$e=mc^2$",
    "$5 and $10",
    "____",
)
COLOURS = ("", "", "", ' {color="red"}', " {colour=blue_bg}", ' {color="default"}')
SINGLE = (
    *("---", "$$\nx^2\n$$", "![alt *text*](https://x.example.org/a.png)", "```python\nx = 1\n```", ":::toc"),
    *(":::audio https://x.example.org/a.mp3 A ==caption==", ":::toc {color=gray}", "~~~\n\n~~~", "##### deep"),
)
LINES = ("", "- ", "1. ", "- [ ] ", "- [x] ", "> ", "### ", "#### ", "# ", "> [!NOTE]\n> ", "> [!TIP] Title\n> ")
HOLDERS = (
    *(
        ":::toggle-heading Label",
        ":::toggle-h1 One",
        ":::toggle-h3 Three",
        ":::toggle-h4 Four",
        ":::callout 💡 Tip",
        ":::callout 💡",
    ),
    *(":::synced-block", ":::toggle-heading Coloured {color=green}", ":::callout ⚠️ {color=pink_background}"),
)

words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)
lines = st.builds("{}{}{}".format, st.sampled_from(LINES), words, st.sampled_from(COLOURS))
tables = st.integers(1, 3).flatmap(
    lambda width: st.lists(st.lists(words, min_size=width, max_size=width), min_size=1, max_size=3).map(
        lambda rows: "\n".join(f"| {' | '.join(row)} |" for row in rows)
    )
)


def _nested_items(texts: list[str]) -> str:
    return "\n".join(f"{'  ' * depth}- {text}" for depth, text in enumerate(texts))


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(inner, min_size=1, max_size=3).map("\n\n".join)
    columns = st.lists(several.map(":::column\n{}\n:::".format), min_size=1, max_size=3).map("\n".join)
    return st.one_of(
        st.builds("{}\n{}\n:::".format, st.sampled_from(HOLDERS), several),
        columns.map(":::column-list\n{}\n:::".format),
    )


leaves = st.one_of(
    st.sampled_from(SINGLE), lines, lines, tables, st.lists(words, min_size=2, max_size=6).map(_nested_items)
)
bodies = st.lists(st.recursive(leaves, _grow, max_leaves=8), min_size=1, max_size=6).map("\n\n".join)
