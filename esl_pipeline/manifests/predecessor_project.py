"""The configuration of a TypeScript pipeline's project, as the document of a tenant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from esl_pipeline.manifests.predecessor_variables import why_variable_is_left
from esl_pipeline.manifests.resolve import Layer, resolve
from esl_pipeline.manifests.tenant_file import folded
from esl_pipeline.manifests.variables import VARIABLES

DEFAULT_PROFILE = "default"
"""The student whose profile held for all who had none."""
OF_PROFILE = {"dbId": "notion.database_id", "colorPreset": "notion.preset", "accentPreference": "speech.default_accent"}
OF_WIZARD = {
    "dbId": "notion.database_id",
    "db": "notion.database_name",
    "dataSourceId": "notion.data_source_id",
    "dataSource": "notion.data_source_name",
    "preset": "notion.preset",
    "accentPreference": "speech.default_accent",
    "prefix": "storage.prefix",
}
"""What the predecessor's fields are called here."""
PRESET = "notion.preset"
NEVER_USED = "The predecessor never used it."


@dataclass(frozen=True)
class ProjectFiles:
    """What was found in a project; None of a file that is not there.

    Attributes:
        variables: of its ``.env``.
        students: each profile with the name of its file.
    """

    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    students: Sequence[tuple[str, Any]] = ()
    presets: Any = None
    voices: Any = None
    catalogue: Any = None
    wizard: Any = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A value that became a setting; of a student's where ``student`` is not empty."""

    source: str
    setting: str
    student: str = ""


@dataclass(frozen=True, slots=True)
class Left:
    """Something that was not taken over, and why."""

    source: str
    reason: str


@dataclass
class ProjectReading:
    """The tenant's document so far."""

    settings: dict[str, Any] = field(default_factory=dict)
    students: dict[str, dict[str, Any]] = field(default_factory=dict)
    taken: list[Taken] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """Returns the document of the tenant."""
        students = {"students": self.students} if self.students else {}
        return {"schema_version": 2, "settings": self.settings, **students}

    def take(self, source: str, setting: str, value: object, *, name: str = "", student: str = "") -> None:
        """Makes a value a setting, in place of what weaker sources said; leaves one that is not allowed.

        Args:
            source: file and field; for people.
            setting: ``speech.voices`` and the like.
            value: as it was found.
            name: the key, of a setting that takes values by key.
            student: whose it is; everybody's where empty.
        """
        steps = [*setting.split("."), *([name] if name else [])]
        alone: dict[str, Any] = {steps[-1]: value}
        for step in reversed(steps[:-1]):
            alone = {step: alone}
        if problems := resolve([Layer("tenant", source, alone)]).problems:
            self.left.append(Left(source, f"{setting}: {problems[0].message}"))
            return
        group = self.students.setdefault(student, {}) if student else self.settings
        for step in steps[:-1]:
            group = group.setdefault(step, {})
        group[steps[-1]] = value
        self.taken.append(Taken(source, ".".join(steps), student))


def read_project(files: ProjectFiles, presets: Mapping[str, Mapping[str, Any]]) -> ProjectReading:
    """Reads a project's configuration; of two sources of one setting the stronger one of the predecessor wins.

    Args:
        files: what is there.
        presets: those of this program, in the predecessor's form.
    """
    reading = ProjectReading()
    _variables(reading, files.variables)
    known = _presets(reading, files.presets, presets)
    _profiles(reading, files.students, known)
    _fields(reading, "wizard.defaults.json", files.wizard, OF_WIZARD, known, "It is chosen for each run, by --set.")
    _voices(reading, files.voices, _catalogue(files.catalogue))
    return reading


def _variables(reading: ProjectReading, variables: Mapping[str, str]) -> None:
    ours = {variable.name: variable for variable in VARIABLES}
    for name in reversed([variable for variable in ours if variables.get(variable, "").strip()]):
        variable = ours[name]
        reading.take(f".env {name}", variable.path, variable.read(variables[name].strip()))
    if variables.get("ELEVENLABS_TTS_MODE", "").strip().lower() == "dialogue":
        reading.take(".env ELEVENLABS_TTS_MODE", "speech.mode", "dialogue")
        reading.take(".env ELEVENLABS_TTS_MODE", "speech.model", "eleven_v3")
    for name, value in variables.items():
        if name not in ours and value.strip() and (reason := why_variable_is_left(name, value.strip())):
            reading.left.append(Left(f".env {name}", reason))


def _presets(reading: ProjectReading, found: Any, ours: Mapping[str, Mapping[str, Any]]) -> frozenset[str]:
    """Returns the names that mean a preset here; tells of those that are not, or look otherwise."""
    for name, colours in _mapping(reading, "presets.json", found).items():
        if name not in ours:
            reading.left.append(Left(f"presets.json {name}", f"Presets here are {', '.join(ours)}."))
        elif isinstance(colours, Mapping) and any(ours[name].get(kind) != colours[kind] for kind in colours):
            reading.left.append(Left(f"presets.json {name}", f"Its colours are other ones here; {name} is used."))
    return frozenset(ours)


def _profiles(reading: ProjectReading, students: Sequence[tuple[str, Any]], presets: frozenset[str]) -> None:
    known = set[str]()
    for file, profile in students:
        name = profile.get("student") if isinstance(profile, Mapping) else None
        if not isinstance(name, str) or not name.strip():
            reading.left.append(Left(file, "It is no profile of a student: it has no name in `student`."))
        elif folded(name) in known:
            reading.left.append(Left(file, f"There is a profile of {name} already."))
        else:
            known.add(folded(name))
            student = "" if folded(name) == DEFAULT_PROFILE else name.strip()
            fields = {key: value for key, value in profile.items() if key != "student"}
            _fields(reading, file, fields, OF_PROFILE, presets, NEVER_USED, student)


def _fields(
    reading: ProjectReading,
    file: str,
    found: Any,
    ours: Mapping[str, str],
    presets: frozenset[str],
    otherwise: str,
    student: str = "",
) -> None:
    for name, value in _mapping(reading, file, found).items():
        setting = ours.get(name, "")
        if value in (None, ""):
            continue
        if not setting:
            reading.left.append(Left(f"{file} {name}", otherwise))
        elif setting == PRESET and value not in presets:
            reading.left.append(Left(f"{file} {name}", f"There is no preset {value!r} here."))
        else:
            text = value.strip("/") if setting == "storage.prefix" and isinstance(value, str) else value
            reading.take(f"{file} {name}", setting, text, student=student)


def _catalogue(found: Any) -> Mapping[str, str]:
    """Returns the ids of voices by their names in small letters; of two of one name the first counts."""
    voices = found.get("voices") if isinstance(found, Mapping) else None
    named = [voice for voice in voices if isinstance(voice, Mapping)] if isinstance(voices, list) else []
    return {str(voice.get("name", "")).lower(): str(voice["id"]) for voice in reversed(named) if voice.get("id")}


def _voices(reading: ProjectReading, found: Any, ids: Mapping[str, str]) -> None:
    for name, voice in _mapping(reading, "voices.yml", found).items():
        source = f"voices.yml {name}"
        if name == "auto":
            if voice is False or voice == "false":
                reading.left.append(Left(source, "A speaker who is given no voice is always cast here."))
        elif isinstance(voice, str) and voice.strip():
            reading.take(source, "speech.voices", ids.get(voice.strip().lower(), voice.strip()), name=str(name))
        else:
            reading.left.append(Left(source, "Its value is no voice. The predecessor did not use it either."))


def _mapping(reading: ProjectReading, file: str, found: Any) -> Mapping[Any, Any]:
    if isinstance(found, Mapping):
        return found
    if found is not None:
        reading.left.append(Left(file, "It holds no fields."))
    return {}


def students_of(document: Mapping[str, Any], name: str) -> Iterable[str]:
    """Yields a student's own settings as ``key=value``, of a document that was read here."""
    for student, groups in document.get("students", {}).items():
        if folded(student) == folded(name):
            for section, values in groups.items():
                yield from (f"{section}.{setting}={value}" for setting, value in values.items())
