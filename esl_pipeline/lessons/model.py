"""A lesson as one tree: what the validator, the page builder and the speech all walk.

``colour`` is the author's own, None where the author gives none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from esl_pipeline.lessons.colours import Colour
from esl_pipeline.lessons.problems import Position, Problem, has_errors


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one style; ``link`` is an absolute address or None, an equation's content its source."""

    content: str
    bold: bool = False
    italic: bool = False
    strikethrough: bool = False
    code: bool = False
    link: str | None = None
    underline: bool = False
    equation: bool = False
    colour: Colour | None = None


Runs = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines of prose without a blank line between them; a line break stays in the text as a newline."""

    runs: Runs
    position: Position = field(default=Position(), compare=False)
    colour: Colour | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """``#`` to ``####``; ``toggleable`` for the ``:::toggle-hN`` directives, which alone have children."""

    level: Literal[1, 2, 3, 4]
    runs: Runs
    toggleable: bool = False
    children: tuple[Block, ...] = ()
    position: Position = field(default=Position(), compare=False)
    colour: Colour | None = None


@dataclass(frozen=True, slots=True)
class ListItem:
    """One item of a list; ``checked`` is None unless the item is a task (``- [ ]``)."""

    kind: Literal["bulleted", "numbered"]
    runs: Runs
    checked: bool | None = None
    children: tuple[Block, ...] = ()
    position: Position = field(default=Position(), compare=False)
    colour: Colour | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """Consecutive ``>`` lines; blocks after the first paragraph are children."""

    runs: Runs
    children: tuple[Block, ...] = ()
    position: Position = field(default=Position(), compare=False)
    colour: Colour | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """A code block; ``language`` is the author's info word, lower case, or empty."""

    content: str
    language: str = ""
    position: Position = field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class Table:
    """A pipe table: one or more rows of equal width; the first is the header where ``has_header``."""

    rows: tuple[tuple[Runs, ...], ...]
    has_header: bool
    position: Position = field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class Image:
    """An image alone on its line; ``alt`` becomes the caption."""

    url: str
    alt: str = ""
    position: Position = field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class Media:
    """``:::audio URL [caption]`` or ``:::video URL [caption]``: the author's own, never touched by the pipeline."""

    kind: Literal["audio", "video"]
    url: str
    position: Position = field(default=Position(), compare=False)
    caption: Runs = ()


@dataclass(frozen=True, slots=True)
class Equation:
    """``$$…$$`` on lines of its own."""

    expression: str
    position: Position = field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class TableOfContents:
    """``:::toc``."""

    position: Position = field(default=Position(), compare=False)
    colour: Colour | None = None


@dataclass(frozen=True, slots=True)
class Divider:
    """A thematic break."""

    position: Position = field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class Callout:
    """``:::callout ICON [text]`` or ``> [!NOTE]``: ``icon`` is one emoji; the first paragraph is in ``runs``."""

    icon: str
    runs: Runs
    children: tuple[Block, ...] = ()
    position: Position = field(default=Position(), compare=False)
    colour: Colour | None = None


@dataclass(frozen=True, slots=True)
class Toggle:
    """``:::toggle-heading LABEL``."""

    runs: Runs
    children: tuple[Block, ...] = ()
    position: Position = field(default=Position(), compare=False)
    colour: Colour | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """``:::column``: one side of a column list, never empty in a valid lesson."""

    children: tuple[Block, ...]
    position: Position = field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class ColumnList:
    """``:::column-list``: one or more columns in a valid lesson."""

    columns: tuple[Column, ...]
    position: Position = field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class SyncedBlock:
    """``:::synced-block [ID]``: a reference where ``source_id`` is set, else an original with children."""

    source_id: str | None = None
    children: tuple[Block, ...] = ()
    position: Position = field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class Turn:
    """One speaker's consecutive stretch of the study text.

    Attributes:
        speaker: as spelled in ``speaker_labels``, or in the text where there are none.
        paragraphs: plain text, Markdown gone, 1 or more: one per paragraph, list item or table row; its lines are
            parted by newlines.
        position: where the turn begins.
    """

    speaker: str
    paragraphs: tuple[str, ...]
    position: Position = field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class StudyText:
    """``:::study-text [label]``: shown as a toggle and spoken."""

    label: str
    children: tuple[Block, ...]
    position: Position = field(default=Position(), compare=False)
    colour: Colour | None = None


Block = (
    Paragraph
    | Heading
    | ListItem
    | Quote
    | Code
    | Equation
    | Table
    | Image
    | Media
    | TableOfContents
    | Divider
    | Callout
    | Toggle
    | ColumnList
    | SyncedBlock
    | StudyText
)


@dataclass(frozen=True, slots=True)
class SpeakerProfile:
    """What the author says of a speaker's voice; None where the author is silent. All lower case but id and voice."""

    id: str
    role: str | None = None
    gender: str | None = None
    age: str | None = None
    accent: str | None = None
    style: str | None = None
    voice: str | None = None


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The head of a lesson, normalised: ``topic`` is one string, absent options are empty or None.

    ``property_positions`` are the places of the keys in ``properties``, in the same order.
    """

    title: str
    student: str
    level: str
    topic: str
    input_type: str
    speaker_labels: tuple[str, ...] = ()
    speaker_profiles: tuple[SpeakerProfile, ...] = ()
    icon: str | None = None
    cover: str | None = None
    properties: tuple[tuple[str, object], ...] = ()
    property_positions: tuple[Position, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Lesson:
    """A whole lesson in file order; ``turns`` are those of all study texts, joined, 1 or more when valid."""

    front_matter: FrontMatter
    blocks: tuple[Block, ...]
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class LessonReading:
    """What reading a lesson file gave: the lesson (None where it can't be made out) and its problems in file order."""

    lesson: Lesson | None
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        """True where the lesson may be published: no problem is an error."""
        return self.lesson is not None and not has_errors(self.problems)
