"""The study text as turns: who says what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from esl_pipeline.lessons.model import Turn
from esl_pipeline.lessons.problems import Position, Problem
from esl_pipeline.lessons.rules.table import broken
from esl_pipeline.lessons.speaker_lines import (
    NARRATOR,
    SpeakerLine,
    folded,
    free_speaker,
    known_speaker,
    labels_by_name,
    marked_speaker,
)
from esl_pipeline.lessons.spoken_lines import SpokenLine

ReadSpeaker = Callable[[SpokenLine], SpeakerLine | None]


@dataclass(frozen=True, slots=True)
class StudyReading:
    """What is said in a lesson.

    Attributes:
        is_dialogue: False where one voice reads everything, or the names are nowhere listed.
    """

    turns: tuple[Turn, ...]
    problems: tuple[Problem, ...]
    is_dialogue: bool


def read_turns(lines: Sequence[SpokenLine], labels: Sequence[str] | None) -> StudyReading:
    """Tells who says ``lines``.

    With labels, a name counts where it is one of them, and a stranger's name is a problem. Without, two lines that
    begin with a name make a dialogue. Text before the first name is the narrator's, or that of the only label.

    Args:
        lines: of all study texts.
        labels: ``speaker_labels``; empty where there are none, None where the head does not tell.
    """
    known = labels_by_name(labels or ())
    if not known:
        return _without_labels(lines)
    if set(known) == {folded(NARRATOR)}:
        read = _Conversation(lambda line: known_speaker(line, known), known[folded(NARRATOR)])
        return StudyReading(read.turns(lines), (), False)
    return _with_labels(lines, known)


def _with_labels(lines: Sequence[SpokenLine], known: Mapping[str, str]) -> StudyReading:
    narrator = known.get(folded(NARRATOR))
    strangers = [line for line in lines if known_speaker(line, known) is None and marked_speaker(line) is not None]
    conversation = _Conversation(
        lambda line: known_speaker(line, known) or marked_speaker(line), narrator or next(iter(known.values()))
    )
    turns = conversation.turns(lines)
    problems = [_stranger(line, known) for line in strangers]
    nobody_is_named = len(conversation.before_first) == len(lines)
    if conversation.before_first and narrator is None and not (len(known) == 1 and nobody_is_named):
        problems.append(_before_first_speaker(conversation.before_first, known))
    return StudyReading(turns, tuple(problems), True)


def _without_labels(lines: Sequence[SpokenLine]) -> StudyReading:
    is_dialogue = sum(free_speaker(line) is not None for line in lines) >= 2
    spelled: dict[str, str] = {}

    def read(line: SpokenLine) -> SpeakerLine | None:
        found = free_speaker(line) if is_dialogue else None
        return found and SpeakerLine(spelled.setdefault(folded(found.name), found.name), found.text)

    return StudyReading(_Conversation(read, NARRATOR).turns(lines), (), False)


@dataclass(slots=True)
class _OpenTurn:
    speaker: str
    position: Position
    paragraphs: list[str] = field(default_factory=list)

    def add(self, line: str, begins_paragraph: bool) -> None:
        if begins_paragraph or not self.paragraphs:
            self.paragraphs.append(line)
        else:
            self.paragraphs[-1] += f"\n{line}"


class _Conversation:
    """Splits lines into turns; ``opener`` says what comes before anybody is named.

    Attributes:
        before_first: the lines before the first name.
    """

    def __init__(self, read: ReadSpeaker, opener: str) -> None:
        self._read, self._opener = read, opener
        self._turns: list[_OpenTurn] = []
        self.before_first: list[SpokenLine] = []

    def turns(self, lines: Sequence[SpokenLine]) -> tuple[Turn, ...]:
        anybody_named = begins_paragraph = False
        for line in lines:
            found = self._read(line)
            anybody_named = anybody_named or found is not None
            if not anybody_named:
                self.before_first.append(line)
            if found is not None or not self._turns:
                self._begin(found.name if found else self._opener, line.position)
            begins_paragraph = begins_paragraph or line.begins_paragraph
            if text := found.text if found else line.text:
                self._turns[-1].add(text, begins_paragraph)
                begins_paragraph = False
        self._drop_silent()
        return tuple(Turn(turn.speaker, tuple(turn.paragraphs), turn.position) for turn in self._turns)

    def _begin(self, speaker: str, position: Position) -> None:
        self._drop_silent()
        if not self._turns or self._turns[-1].speaker != speaker:
            self._turns.append(_OpenTurn(speaker, position))

    def _drop_silent(self) -> None:
        if self._turns and not self._turns[-1].paragraphs:
            self._turns.pop()


def _stranger(line: SpokenLine, known: Mapping[str, str]) -> Problem:
    found = marked_speaker(line)
    name = found.name if found else line.text
    message = f"“{name}” speaks, but is not among speaker_labels ({', '.join(known.values())})."
    fix = "Mend the name, add it to speaker_labels, or take the colon away if nobody speaks here."
    return broken("V-SP1", line.position, message, fix)


def _before_first_speaker(lines: Sequence[SpokenLine], known: Mapping[str, str]) -> Problem:
    where = "This line stands" if len(lines) == 1 else f"{len(lines)} lines stand"
    message = f"{where} before anybody speaks."
    name = next(iter(known.values()))
    fix = f"Begin it with a name and a colon, such as “{name}: …”, or add Narrator to speaker_labels."
    return broken("V-SP2", lines[0].position, message, fix)
