"""What a message in the queue asks for; whatever else asks by messages gives the same ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from esl_pipeline.manifests import check_slug
from esl_pipeline.stages.asking import MANIFEST_SUFFIXES, MAX_FILE_BYTES, ManifestText

MOST_TOLD = 5


class PoisonError(Exception):
    """A message can't be understood, and another delivery can't help."""


def _tenant(text: str) -> str:
    return check_slug(text, "tenant")


def _assignment(text: str) -> str:
    return check_slug(text, "assignment")


def _number(value: object) -> object:
    """Refuses ``true``, which Python takes for a 1."""
    return str(value) if isinstance(value, bool) else value


def _below(text: str) -> str:
    path = PurePosixPath(text)
    if path.is_absolute() or ".." in path.parts or "\\" in text or path.suffix not in MANIFEST_SUFFIXES:
        raise ValueError(f"give a path in the tenant's folder of the inbox, with {', '.join(MANIFEST_SUFFIXES)}")
    return str(path)


Key = Annotated[str, Field(pattern=r"^[a-z0-9_]+(\.[A-Za-z0-9_-]+)+$", max_length=120)]
Value = Annotated[str, Field(max_length=500)] | bool | int | float


class QueueMessage(BaseModel):
    """A request to publish an assignment.

    Without ``manifest``, ``lesson`` and ``manifest_path`` the assignment's own in the inbox is published, else what was
    last found valid.

    Attributes:
        schema_version: of this form.
        manifest: as in a manifest file. Its lesson is ``lesson``, else the file that it names in the tenant's folder of
            the inbox.
        lesson: the text of a lesson.
        manifest_path: of a file in the tenant's folder of the inbox.
        settings: of this run alone, such as ``{"audio.pause_ms": 900}``.
        requested_by: who asks; for people.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    schema_version: Annotated[Literal[1], BeforeValidator(_number)]
    tenant: Annotated[str, AfterValidator(_tenant)]
    assignment: Annotated[str, AfterValidator(_assignment)]
    manifest: dict[str, Any] | None = None
    lesson: Annotated[str, Field(min_length=1, max_length=MAX_FILE_BYTES)] | None = None
    manifest_path: Annotated[str, Field(max_length=500), AfterValidator(_below)] | None = None
    settings: Annotated[dict[Key, Value], Field(max_length=50)] = Field(default_factory=dict)
    requested_by: Annotated[str, Field(pattern=r"^[^\s:][^\r\n]*$", max_length=100)] | None = None

    @model_validator(mode="after")
    def _one_source(self) -> QueueMessage:
        if self.manifest_path is not None and (self.manifest is not None or self.lesson is not None):
            raise ValueError("give manifest_path, or manifest and lesson, not both")
        return self

    @property
    def overrides(self) -> list[str]:
        """The settings as ``key=value``; a text stays one whatever it looks like."""
        return [f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in self.settings.items()]

    def manifest_text(self, lesson_of: Callable[[str], str]) -> ManifestText | None:
        """Returns the manifest and lesson that the message brings, None where it brings none.

        Args:
            lesson_of: returns the text of a lesson that the message does not bring; raises AskingError.
        """
        if self.manifest is None:
            return ManifestText(self.lesson, f"{self.assignment}.md", lesson_of) if self.lesson is not None else None
        content = json.dumps(self.manifest, ensure_ascii=False, indent=2)
        brought = self.lesson
        return ManifestText(content, f"{self.assignment}.json", lesson_of if brought is None else lambda _name: brought)


def read_message(body: str) -> QueueMessage:
    """Understands a message.

    Raises:
        PoisonError: it is none; the message says why, without what stands in it.
    """
    _refuse_names_given_twice(body)
    try:
        return QueueMessage.model_validate_json(body)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        told = [_in_words(".".join(map(str, one["loc"])), one["msg"]) for one in found[:MOST_TOLD]]
        raise PoisonError("; ".join(told)) from None


def _in_words(place: str, message: str) -> str:
    words = message.removeprefix("Value error, ").replace("Extra inputs are not permitted", "there is no such field")
    return f"{place}: {words}" if place else words


def _refuse_names_given_twice(body: str) -> None:
    def fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        seen = dict[str, Any]()
        for name, value in pairs:
            if name in seen:
                raise PoisonError(f"{name[:80]}: it is given twice; keep one of them")
            seen[name] = value
        return seen

    with suppress(ValueError, RecursionError):  # what is no JSON is told with its place
        json.loads(body, object_pairs_hook=fields)
