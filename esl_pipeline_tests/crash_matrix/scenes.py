"""Where a publication starts from, kept on disk so that every trial of the matrix starts from the same."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from requests.adapters import BaseAdapter

from esl_pipeline.sandbox.server import RunningSandbox, start
from esl_pipeline.stages.asking import manifest_file
from esl_pipeline.stages.create_pipeline import create_pipeline
from esl_pipeline.stages.default_vendors import DefaultVendors
from esl_pipeline.stages.job import JobOptions
from esl_pipeline.stages.job_record import JobRecord
from esl_pipeline.stages.pipeline import Pipeline
from esl_pipeline.stages.stage import Stage
from esl_pipeline.stores.artifact_files import FileArtifactStore
from esl_pipeline_tests.crash_matrix.lessons import MatrixLesson, live_with, take_away_study_text
from esl_pipeline_tests.crash_matrix.page_state import PageState, block_ids, page_state
from esl_pipeline_tests.crash_matrix.virtual_time import VirtualClock, makers
from esl_pipeline_tests.sandboxed import Sandboxed

Kind = Literal["first", "edited", "study text gone"]
KINDS: tuple[Kind, ...] = ("first", "edited", "study text gone")
"""A first publication; an edited lesson on a page that people worked on; the same where the study text was deleted."""

TENANT, ASSIGNMENT = "school", "lesson"
SHOWN = (Stage.MANIFEST, Stage.PAGE, Stage.ATTACH)
SPOKEN = (Stage.MANIFEST, Stage.SPEECH, Stage.MERGE, Stage.UPLOAD)
OPTIONS = JobOptions(overrides=("storage.public_base_url=https://media.example.com",))


@dataclass(frozen=True)
class Scene:
    """A lesson that is about to be published, its speech made and uploaded.

    Attributes:
        folder: has ``home``, which trials copy; the artifacts beside it are shared by all scenes and trials.
        known_ids: of the blocks that stand already.
        peaceful: what is there after a publication that nothing disturbed.
        requests: ``METHOD path`` of each request to Notion that it made.
    """

    lesson: str
    kind: Kind
    folder: Path
    known_ids: frozenset[str]
    peaceful: PageState
    requests: tuple[str, ...]

    def methods(self) -> Counter[str]:
        """Counts the requests by what they do."""
        return Counter(_what(request) for request in self.requests)


def _what(request: str) -> str:
    method, path = request.split()
    if method == "PATCH":
        return "append" if path.endswith("/children") else f"update {path.split('/')[2].removesuffix('s')}"
    return "read" if method == "GET" or path.endswith("/query") else {"POST": "create", "DELETE": "delete"}[method]


@dataclass(frozen=True)
class Stand:
    """One running sandbox with the home of one trial."""

    folder: Path
    home: Path
    running: RunningSandbox

    @property
    def sandbox(self) -> Sandboxed:
        """The sandbox, to be watched and edited."""
        return Sandboxed(self.home, self.running.addresses)

    @property
    def lesson(self) -> Path:
        """The lesson file that is published."""
        return self.home / "lessons" / f"{ASSIGNMENT}.md"

    def publish(self, *, impatient: bool = False, adapter: BaseAdapter | None = None) -> JobRecord:
        """Publishes as a new process would: with a pipeline of its own, which knows nothing but what is stored."""
        return publish(self.folder, self.sandbox, impatient=impatient, adapter=adapter)

    def state(self, known_ids: frozenset[str]) -> PageState:
        """Reads what the workspace holds."""
        return page_state(self.home / "sandbox", f"{TENANT}/{ASSIGNMENT}", known_ids)


def publish(
    folder: Path, sandbox: Sandboxed, *, impatient: bool = False, adapter: BaseAdapter | None = None
) -> JobRecord:
    """Publishes page and audio block of the lesson that was spoken last."""
    pipeline = sandbox_pipeline(folder, sandbox, impatient=impatient, adapter=adapter)
    return pipeline.rerun_assignment(TENANT, ASSIGNMENT, SHOWN, OPTIONS)


def sandbox_pipeline(
    folder: Path, sandbox: Sandboxed, *, impatient: bool = False, adapter: BaseAdapter | None = None
) -> Pipeline:
    """Makes a pipeline on virtual time that finds its speech in the scene's artifacts."""
    clock = VirtualClock()
    return create_pipeline(
        environment=sandbox.environment,
        artifacts=FileArtifactStore(folder.parent / "artifacts"),
        vendors=DefaultVendors(sandbox.environment, makers(clock, impatient=impatient, adapter=adapter)),
        clock=clock,
    )


def make_scenes(lesson: MatrixLesson, kinds: Sequence[Kind], folder: Path) -> list[Scene]:
    """Makes the scenes of one lesson one after the other, so that its speech is made once."""
    return [make_scene(lesson, kind, folder / kind) for kind in kinds]


def make_scene(lesson: MatrixLesson, kind: Kind, folder: Path) -> Scene:
    """Prepares a scene: publishes the lesson once, lets people work on it and edits it, where the kind wants that."""
    home = folder / "home"
    home.mkdir(parents=True)
    with start(home, 0) as running:
        stand = Stand(folder, home, running)
        stand.lesson.parent.mkdir()
        _speak(stand, lesson.text)
        if kind != "first":
            page_id = _succeeded(stand.publish()).page.id or ""
            live_with(stand.sandbox, page_id)
            if kind == "study text gone":
                take_away_study_text(stand.sandbox, page_id)
            _speak(stand, lesson.edited)
    known_ids = block_ids(home / "sandbox")
    with stand_of(folder) as stand:
        _succeeded(stand.publish())
        requests = tuple(f"{entry['method']} {entry['path']}" for entry in stand.sandbox.requests("notion"))
        return Scene(lesson.name, kind, folder, known_ids, stand.state(known_ids), requests)


def _speak(stand: Stand, text: str) -> None:
    """Makes and uploads the speech of a lesson, so that only its page and its audio block are left to be done."""
    stand.lesson.write_text(text, "utf-8")
    pipeline = sandbox_pipeline(stand.folder, stand.sandbox)
    job = pipeline.open_job(TENANT, ASSIGNMENT, manifest_file(stand.lesson), OPTIONS)
    for stage in SPOKEN:
        outcome = pipeline.run_stage(stage, job)
        assert not outcome.rejected, outcome


def _succeeded(record: JobRecord) -> JobRecord:
    assert record.status == "succeeded", record.model_dump_json(indent=2)
    return record


@contextmanager
def stand_of(folder: Path) -> Iterator[Stand]:
    """Copies a scene's home and runs a sandbox over the copy."""
    with TemporaryDirectory(dir=folder, prefix="trial-") as trial:
        home = Path(trial) / "home"
        shutil.copytree(folder / "home", home)
        with start(home, 0) as running:
            yield Stand(folder, home, running)
