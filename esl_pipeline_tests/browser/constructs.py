"""The constructs that docs/notion.md shows, in its order."""

from __future__ import annotations

from dataclasses import dataclass

REFERENCED = "1f0c2a9e-5b7d-4c3f-8a6e-1b2c3d4e5f60"
"""The id in the example of a reference; a picture shows a real block in its place."""


@dataclass(frozen=True)
class Construct:
    """One thing that an author can write.

    Attributes:
        slug: of its picture.
        group: heading that it stands below.
        about: a sentence or two; may be empty.
        study: True where ``markdown`` is what stands in section 3, with the study text.
    """

    slug: str
    group: str
    title: str
    markdown: str
    about: str = ""
    study: bool = False


TEXT, LISTS, BOXES, SIDES, MEDIA = (
    "Text",
    "Lists and quotes",
    "Boxes and folds",
    "Tables and columns",
    "Media, code, equations",
)

CONSTRUCTS: tuple[Construct, ...] = (
    Construct(
        "styles",
        TEXT,
        "Styles",
        "Some **bold**, *italic* and ~~struck~~ words, `code`, a [link](https://example.org).\n"
        "Endings stand out: play==ed==, work**ed**, want++ed++.\n"
        "Gaps stay gaps: They ____ at home.",
        "They work inside words, too. Lines next to one another are one paragraph with line breaks.",
    ),
    Construct(
        "colours",
        TEXT,
        "Coloured words",
        'Subjects are [blue]{color="blue"}, verbs [red]{color="red"},\n'
        'and [adverbs]{color="green_background"} have a green background. ==This is yellow.==\n'
        '[A link](https://example.org){color="purple"} can have a colour as well.',
    ),
    Construct(
        "headings",
        TEXT,
        "Headings",
        "# Level 1\n### Level 3\n#### Level 4",
        "Level 2 (`##`) is for the nine sections. The preset colours headings, see below.",
    ),
    Construct(
        "block-colours",
        TEXT,
        "Coloured blocks",
        '### Words to learn {color="blue"}\n\n'
        'Read them aloud first. {color="green_background"}\n\n'
        '- platform {color="yellow_background"}\n- ticket {color="red"}\n- timetable\n\n'
        '> Mind the gap! {color="orange"}',
        "A colour at the end of a line is that of the heading, paragraph, item, quote, toggle or callout that the line "
        "is in. It wins over the preset.",
    ),
    Construct("divider", TEXT, "Dividers", "Before\n\n---\n\nAfter", "With a blank line before it."),
    Construct("toc", TEXT, "Table of contents", ":::toc\n\n### Before you read\n\n#### Words\n\n### While you read"),
    Construct(
        "lists",
        LISTS,
        "Lists",
        "- bullets with `-`, `*` or `+`\n  - one in another\n    1. numbers with `1.` or `1)`\n    2. the next\n"
        "- the last",
        "An item that is indented more belongs to the one above it.",
    ),
    Construct("tasks", LISTS, "Tasks", "- [x] Read the text\n- [ ] Do exercise A\n- [ ] Record your mission"),
    Construct(
        "quotes", LISTS, "Quotes", "> One small step for a man,\n> one giant leap for mankind.\n>\n> - Neil Armstrong"
    ),
    Construct(
        "alerts",
        BOXES,
        "Notes and warnings",
        "> [!NOTE]\n> Useful to know.\n\n> [!TIP] Read it aloud\n> It helps you to hear the rhythm.\n\n"
        "> [!IMPORTANT]\n> The key word is *unless*.\n\n> [!WARNING]\n> No *will* in the *if* part.\n\n"
        "> [!CAUTION]\n> Never translate word for word.",
        "Quotes that begin with one of these five marks. Words behind the mark are a title.",
    ),
    Construct(
        "callouts",
        BOXES,
        "Callouts",
        ":::callout 💡 A tip\nWith **everything** in it:\n\n- even a list\n:::\n\n"
        ':::callout 🎯 By the end you can … {color="blue_background"}\n- ask the way\n- understand the answer\n:::',
        "With an icon and a colour of your own choice.",
    ),
    Construct(
        "toggles",
        BOXES,
        "Toggles",
        ":::toggle-heading Show the answers\n1. has been\n2. have gone\n:::\n\n"
        ':::toggle-heading A coloured one {color="gray_background"}\nInside.\n:::',
    ),
    Construct(
        "toggle-headings",
        BOXES,
        "Headings that fold",
        ":::toggle-h1 Level 1\nInside.\n:::\n:::toggle-h2 Level 2\nInside.\n:::\n:::toggle-h3 Level 3\nInside.\n:::",
    ),
    Construct(
        "study-text",
        BOXES,
        "The study text",
        ":::study-text Dialogue\nKim: Where is platform ==two==?\n\nLee: Over there.\n:::",
        "It is spoken, without its marks and colours, and the player stands above it once it is published.",
        study=True,
    ),
    Construct(
        "synced-block",
        BOXES,
        "Synced blocks",
        f":::synced-block\nOther pages can show this.\n:::\n\n:::synced-block {REFERENCED}",
        "The first makes a block that other pages can show; the second shows one, by the id at the end of its link.",
    ),
    Construct(
        "tables",
        SIDES,
        "Tables",
        '| phrase | when | like {color="gray"} |\n|---|---|---|\n'
        "| Could you **possibly** …? | asking | ==very polite== |\n"
        "| Hand me that. | orders | rude \\| direct |",
        "Without the line of `---` there is no header. A `|` inside a cell is written `\\|`.",
    ),
    Construct(
        "columns",
        SIDES,
        "Columns",
        ":::column-list\n:::column\n### For\n- quiet\n- cheap\n:::\n"
        ":::column\n### Against\n- far away\n- no shops\n:::\n:::",
    ),
    Construct(
        "columns-inside",
        SIDES,
        "Columns in a toggle or callout",
        ":::toggle-heading Compare\n:::column-list\n:::column\nmust\n:::\n:::column\nhave to\n:::\n:::\n:::\n\n"
        ":::callout ⚖️\n:::column-list\n:::column\nsince 1998\n:::\n:::column\nfor years\n:::\n:::\n:::",
        "Columns directly inside a column are shown below one another, because Notion has no place for them.",
    ),
    Construct(
        "image",
        MEDIA,
        "Pictures",
        "![A harbour in the evening](https://images.example.org/harbour.svg)",
        "Alone on a line. The description is the caption.",
    ),
    Construct(
        "media",
        MEDIA,
        "Players",
        ":::audio https://audio.example.org/harbour.mp3 Listen **twice**\n\n"
        ":::video https://video.example.org/harbour.mp4 One minute at the harbour",
        "With or without a caption behind the address. They are yours: the pipeline's own player is another one.",
    ),
    Construct(
        "equations",
        MEDIA,
        "Equations",
        "Read $e=mc^2$ aloud. The book costs $5 to $10.\n\n$$\na^2 + b^2 = c^2\n$$",
        "Money is no equation. Notion sets them as formulas; the picture shows their source.",
    ),
    Construct(
        "code",
        MEDIA,
        "Code",
        '```python\nprint("Hello!")\n```',
        "A lesson with code in it stands between four backticks. "
        "Short names such as `js` are turned into those that Notion knows. Lessons rarely need code, so the checker "
        "warns.",
    ),
)
