"""All rules that a lesson is held to."""

from __future__ import annotations

from dataclasses import dataclass

from esl_pipeline.lessons.problems import Position, Problem, Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule; ``meaning`` says what breaks it, for a teacher."""

    id: str
    severity: Severity
    meaning: str


def _error(rule: str, meaning: str) -> Rule:
    return Rule(rule, Severity.ERROR, meaning)


def _warning(rule: str, meaning: str) -> Rule:
    return Rule(rule, Severity.WARNING, meaning)


RULES: tuple[Rule, ...] = (
    _error("V-SZ", "the file is too long to be a lesson"),
    _error("V-FN", "the lesson does not stand in a code block, or that is never closed"),
    _error("V-FN2", "a code block inside the lesson closes the frame, and the rest of the lesson is lost"),
    _error("V-YM", "the head is not YAML"),
    _error("V-FM", "the head is missing, or one of its fields is missing or of the wrong kind"),
    _error("V-IC", "an icon, of the page or of a callout, is not exactly one emoji"),
    _error("V-CV", "the cover is not an `http` or `https` address"),
    _warning("V-PF", "a speaker profile has no `id`, so that it is nobody's"),
    _warning("V-IT", "`input_type` is neither `generate` nor `authentic`"),
    _error("V-H2N", "there are not exactly nine `##` headings"),
    _error("V-H2M", "a `##` heading is not the one that belongs there"),
    _error("V-AK", "there is no toggle whose label begins with *Answer Key*"),
    _error("V-TP", "there is no toggle whose label begins with *Teacher's Follow-up Plan*"),
    _warning("V-CP0", "there is no `### A. Controlled Practice`"),
    _warning("V-CP1", "Controlled Practice has fewer than 8 or more than 12 items"),
    _warning("V-CC", "Comprehension Check has only one item"),
    _error("V-ST0", "there is no study text"),
    _error("V-ST1", "`:::study-text` is indented"),
    _error("V-ST2", "`:::study-text` does not stand on a line of its own, or is misspelt"),
    _error("V-ST3", "the `:::` that closes a study text is indented"),
    _error("V-ST4", "a study text is never closed"),
    _error("V-ST5", "there is nothing to be spoken in the study text"),
    _error("V-ST6", "the study text is too long: it has more than 100,000 characters, about two hours of speech"),
    _warning("V-LEN", "a study text for one voice has fewer than three paragraphs and fewer than ten lines"),
    _error("V-SP1", "somebody speaks who is not among `speaker_labels`"),
    _error("V-SP2", "the study text begins without a speaker, and there is no Narrator among `speaker_labels`"),
    _error("V-CO1", "a callout has no icon"),
    _error("V-CO2", "a callout is empty"),
    _error("V-CO3", "a callout is never closed"),
    _error("V-CL1", "a column list has no columns"),
    _error("V-CL2", "a column is empty"),
    _error("V-CL3", "a column list or column is never closed"),
    _warning("V-CL4", "a column stands outside a column list"),
    _warning("V-CL5", "something stands in a column list, but in none of its columns"),
    _error("V-SB1", "a synced block is never closed"),
    _error("V-SB2", "a synced block without an id is empty"),
    _error("V-TG1", "a toggle is never closed"),
    _warning("V-TG2", "a toggle has no label"),
    _error("V-AV", "an audio or video has no `http` or `https` address"),
    _error("V-TB1", "the first row of a table has no cells"),
    _error("V-TB2", "a row of a table has more or fewer cells than the first"),
    _error("V-TB3", "a table has a header, but no rows"),
    _warning("V-CB", "there is a code block, or text that is indented like one"),
    _warning("V-LK", "a link or picture has no absolute address, so that the page shows its text only"),
    _error("V-CR", "a `{color=…}` names no colour"),
    _warning("V-AT", "a `{color=…}` has no effect where it stands"),
    _warning("V-QM", "a quote begins with a mark like `[!HINT]` that is no kind of callout"),
    _warning("V-H5", "a heading is of level 5 or 6, so that the page shows one of level 4"),
    _warning("V-LS", "a list does not begin with 1; Notion numbers every list from 1"),
    _warning("V-EQ", "an equation stands in the study text, so that its source is spoken"),
    _warning("V-DC", "a `:::` closes nothing"),
    _warning("V-DU", "a line begins with `:::`, but is no directive, so that the page shows it as text"),
    _error("V-DP", "blocks are nested too deeply"),
)
_BY_ID = {rule.id: rule for rule in RULES}


def broken(rule: str, position: Position, message: str, fix: str = "") -> Problem:
    """Reports that ``rule``, one of ``RULES``, is broken at ``position``."""
    return Problem(rule, _BY_ID[rule].severity, position.line, position.column, message, fix)
