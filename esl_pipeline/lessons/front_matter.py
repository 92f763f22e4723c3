"""The fields of a lesson's head, checked and normalised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml

from esl_pipeline.lessons.emoji import is_emoji
from esl_pipeline.lessons.head import Entry, Head
from esl_pipeline.lessons.model import FrontMatter, SpeakerProfile
from esl_pipeline.lessons.problems import Position, Problem
from esl_pipeline.lessons.rules.table import broken
from esl_pipeline.lessons.runs import is_web_address

_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "true or false"),
    (int, "a number"),
    (float, "a number"),
    (str, "a text"),
    (list, "a list"),
    (dict, "a mapping"),
    (type(None), "empty"),
)


class FrontMatterReader:
    """Reads the fields one by one and collects what is wrong with them.

    Attributes:
        problems: in no special order.
        labels: ``speaker_labels``, empty where there are none; None where they can't be made out.
    """

    def __init__(self, head: Head, position: Position) -> None:
        self._entries = head.entries
        self._position = position
        self.problems: list[Problem] = []
        self.labels: tuple[str, ...] | None = self._labels()

    def read(self) -> FrontMatter | None:
        """Returns the fields, or None where one that is required can't be made out."""
        title, student, level = self._text("title"), self._text("student"), self._text("level")
        topic, input_type = self._topic(), self._text("input_type")
        profiles, icon, cover = self._profiles(), self._icon(), self._cover()
        properties, places = self._properties()
        if title is None or student is None or level is None or topic is None or input_type is None:
            return None
        return FrontMatter(
            title, student, level, topic, input_type, self.labels or (), profiles, icon, cover, properties, places
        )

    def _wrong(self, entry: Entry, must_be: str, position: Position | None = None, fix: str = "") -> None:
        message = f"“{entry.key}” must be {must_be}."
        self.problems.append(broken("V-FM", position or entry.position, message, fix))

    def _required(self, key: str) -> Entry | None:
        entry = self._entries.get(key)
        if entry is None:
            message = f"The head has no “{key}”."
            self.problems.append(broken("V-FM", self._position, message, f"Add a line “{key}: …” to it."))
        return entry

    def _optional(self, key: str) -> Entry | None:
        entry = self._entries.get(key)
        return None if entry is None or entry.value is None else entry

    def _text(self, key: str) -> str | None:
        entry = self._required(key)
        if entry is None:
            return None
        if not isinstance(entry.value, str):
            fix = f'Put it into quotes: {key}: "{entry.written.value}".' if _is_scalar(entry) and entry.value else ""
            self._wrong(entry, f"a text, but it is {_kind(entry.value)}", fix=fix)
            return None
        if not entry.value:
            self._wrong(entry, "a text, but it is empty")
            return None
        return entry.value.strip()

    def _topic(self) -> str | None:
        entry = self._required("topic")
        if entry is None:
            return None
        if isinstance(entry.written, yaml.SequenceNode):
            topic = ", ".join(filter(None, map(_written, entry.written.value)))
        elif isinstance(entry.value, str):
            topic = entry.value
        else:
            self._wrong(entry, f"a text or a list of texts, but it is {_kind(entry.value)}")
            return None
        if not topic:
            self._wrong(entry, "a text or a list of texts, but it is empty")
            return None
        return topic.strip()

    def _list(self, key: str, of_what: str, is_item: Callable[[Any], bool]) -> list[Any] | None:
        """Returns the list ``key``, empty where there is none, None where it is wrong."""
        entry = self._optional(key)
        if entry is None:
            return []
        if not isinstance(entry.value, list):
            self._wrong(entry, f"a list of {of_what}, but it is {_kind(entry.value)}")
            return None
        wrong = [position for item, position in zip(entry.value, entry.items, strict=True) if not is_item(item)]
        for position in wrong:
            self._wrong(entry, f"a list of {of_what}; this item is none", position)
        return None if wrong else entry.value

    def _labels(self) -> tuple[str, ...] | None:
        labels = self._list("speaker_labels", "names", lambda item: isinstance(item, str) and bool(item.strip()))
        return None if labels is None else tuple(dict.fromkeys(label.strip() for label in labels))

    def _profiles(self) -> tuple[SpeakerProfile, ...]:
        profiles = self._list("speaker_profiles", "mappings", lambda item: isinstance(item, dict)) or []
        for profile, position in zip(
            profiles, self._entries["speaker_profiles"].items if profiles else (), strict=True
        ):
            if not _field(profile, "id"):
                message = "This speaker profile has no “id”, so it is nobody's."
                self.problems.append(broken("V-PF", position, message, "Add “id:” with a name of speaker_labels."))
        return tuple(map(_profile, profiles))

    def _icon(self) -> str | None:
        entry = self._optional("icon")
        if entry is None:
            return None
        if not isinstance(entry.value, str) or not is_emoji(entry.value.strip()):
            message = f"“icon” must be one emoji, not “{_written(entry.written)}”."
            self.problems.append(broken("V-IC", entry.position, message))
            return None
        return entry.value.strip()

    def _cover(self) -> str | None:
        entry = self._optional("cover")
        if entry is None:
            return None
        if not isinstance(entry.value, str) or not is_web_address(entry.value.strip()):
            message = "“cover” must be the address of a picture that begins with http:// or https://."
            self.problems.append(broken("V-CV", entry.position, message))
            return None
        return entry.value.strip()

    def _properties(self) -> tuple[tuple[tuple[str, object], ...], tuple[Position, ...]]:
        entry = self._optional("properties")
        if entry is None:
            return (), ()
        if not isinstance(entry.value, dict):
            self._wrong(entry, f"a mapping, but it is {_kind(entry.value)}", fix="Write “Name: value” lines below it.")
            return (), ()
        properties = tuple((str(key), value) for key, value in entry.value.items())
        return properties, tuple(entry.keys.get(name, entry.position) for name, _ in properties)


def _is_scalar(entry: Entry) -> bool:
    return isinstance(entry.written, yaml.ScalarNode)


def _kind(value: object) -> str:
    return next((name for kind, name in _KINDS if isinstance(value, kind)), "a date")


def _written(node: yaml.Node) -> str:
    """Returns a value as the author wrote it, on one line."""
    if isinstance(node, yaml.ScalarNode):
        return "" if node.tag.endswith(":null") else str(node.value).strip()
    if isinstance(node, yaml.MappingNode):
        return ", ".join(f"{_written(key)}: {_written(value)}" for key, value in node.value)
    return ", ".join(filter(None, map(_written, node.value)))


def _field(profile: dict[str, object], key: str) -> str | None:
    value = profile.get(key)
    return str(value).strip() or None if isinstance(value, str | int | float) else None


def _profile(profile: dict[str, object]) -> SpeakerProfile:
    role, gender, age, accent, style = (
        value.lower() if (value := _field(profile, key)) else None
        for key in ("role", "gender", "age", "accent", "style")
    )
    return SpeakerProfile(_field(profile, "id") or "", role, gender, age, accent, style, _field(profile, "voice"))
