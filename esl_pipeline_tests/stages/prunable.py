"""Publications with files and uploads that were put there by hand, so that a test of the clean-up takes no time."""

from __future__ import annotations

import hashlib
import io
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

import pytest

from esl_pipeline.manifests.settings import Settings
from esl_pipeline.stages.hooks import MachineClock
from esl_pipeline.stages.pipeline import Pipeline
from esl_pipeline.stages.providers import Providers
from esl_pipeline.stages.prune_artifacts import Pruned, prune_artifacts
from esl_pipeline.stages.vendors import ObjectStorage
from esl_pipeline.stores.artifact_files import FileArtifactStore
from esl_pipeline.stores.file_journal import FileJournal
from esl_pipeline.stores.files import FilePublicationStore
from esl_pipeline.stores.journal_usage import JournalUsageStore
from esl_pipeline.stores.publication import (
    AttachmentPublication,
    AudioFile,
    AudioPublication,
    Publication,
    SegmentPublication,
    SpeechPublication,
    StageRecord,
    UploadedFile,
    UploadPublication,
)
from esl_pipeline_tests.sandboxed import Sandboxed

FILES = {".mp3": "audio/mpeg", ".vtt": "text/vtt", ".lrc": "text/plain", ".md": "text/markdown"}


class LaterClock(MachineClock):
    """The machine's clock, days ahead."""

    def __init__(self, days: float) -> None:
        self._ahead = timedelta(days=days)

    def now(self) -> datetime:
        """Returns the time in so many days."""
        return super().now() + self._ahead


def sha256_of(text: str) -> str:
    """Returns the hash of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Prunable:
    """A state folder of its own, and a tenant's place in the sandbox's bucket."""

    sandbox: Sandboxed
    state: Path
    tenant: str

    @cached_property
    def providers(self) -> Providers:
        """The stores of the folder, and the sandbox's bucket."""
        stores = {
            "artifacts": FileArtifactStore(self.state),
            "publications": FilePublicationStore(self.state),
            "usage": JournalUsageStore(FileJournal(self.state)),
        }
        return self.sandbox.pipeline(**stores).providers

    def pipeline(self, days: float = 40) -> Pipeline:
        """A pipeline whose clock is days ahead."""
        return Pipeline(replace(self.providers, clock=LaterClock(days)))

    def prune(self, tenant: str | None = None, *, days: float = 40, dry_run: bool = False) -> Pruned:
        """Cleans up after the tenant as if days had passed."""
        return prune_artifacts(self.pipeline(days), tenant or self.tenant, dry_run=dry_run)

    def objects(self) -> ObjectStorage:
        """The bucket."""
        return self.providers.vendors(self.tenant, Settings()).objects

    def everything(self, tenant: str | None = None) -> set[str]:
        """Names of all files and objects of a tenant."""
        of = tenant or self.tenant
        files = {str(path.relative_to(self.state)) for path in self.state.glob(f"[!l]*/{of}/**/*") if path.is_file()}
        return files | {one.key for one in self.objects().list(f"{of}/")}

    def age(self, days: float) -> None:
        """Makes all artifacts look as if they had not been used for so long."""
        then = time.time() - days * 86_400
        for path in (self.state / "artifacts" / self.tenant).rglob("*"):
            os.utime(path, (then, then))

    def publish(self, *turns: str, assignment: str = "lesson", tenant: str | None = None) -> Publication:
        """Leaves what a publication of these turns leaves: speech, a track with its files, uploads and a record."""
        of, words = tenant or self.tenant, " ".join(turns)
        artifacts = self.providers.artifacts
        artifacts.put(of, sha256_of(f"manifest {words}"), ".manifest.json", b"{}")
        for turn in turns:
            artifacts.put(of, sha256_of(turn), ".wav", turn.encode())
            artifacts.put(of, sha256_of(turn), ".json", b"{}")
        files = dict(self._files(of, assignment, words))
        now = datetime.now(UTC)

        def change(publication: Publication) -> None:
            publication.manifest_sha256 = sha256_of(f"manifest {words}")
            publication.speech = SpeechPublication(input_sha256="", segments=[segment(turn) for turn in turns])
            publication.audio, publication.upload = recorded(files, self.objects().bucket)
            publication.attachment = AttachmentPublication(page_id="p", intended_at=now, url=publication.upload.url)
            done = StageRecord(status="succeeded", job_id="", run_id="", started_at=now, elapsed_s=0)
            publication.stages = {"audio_upload": done, "notion_audio": done}

        return self.providers.publications.update(of, assignment, change)

    def _files(self, tenant: str, assignment: str, words: str) -> Iterator[tuple[str, tuple[str, str]]]:
        artifacts, objects = self.providers.artifacts, self.objects()
        for suffix, content_type in FILES.items():
            content = f"{words} as {suffix}"
            sha256, file = sha256_of(content), io.BytesIO(content.encode())
            key = f"{tenant}/{assignment}/{sha256[:32]}{suffix}"
            artifacts.put_file(tenant, sha256, suffix, file)
            objects.put(key, file, content_type=content_type, sha256=sha256)
            yield suffix, (sha256, key)


@contextmanager
def edited_long_ago(sandbox: Sandboxed, tenant: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Prunable]:
    """A tenant of the worker's sandbox one of whose turns was edited, long ago; a damaged publication goes with it."""
    monkeypatch.setenv("ESL_HOME", str(sandbox.home))
    monkeypatch.setenv("ESL_SANDBOX_PORT", str(sandbox.at.base_port))
    made = Prunable(sandbox, sandbox.environment.state, tenant)
    for turn in ("Hello.", "Goodbye."):
        made.publish(turn)
    made.age(60)
    yield made
    (made.state / "publications" / made.tenant / "damaged.json").unlink(missing_ok=True)


def segment(turn: str) -> SegmentPublication:
    """Returns the record of a turn."""
    return SegmentPublication(
        sha256=sha256_of(turn), speaker="Nora", voice_id="v", voice_name="v", text=turn, samples=1, sample_rate_hz=1
    )


def recorded(files: dict[str, tuple[str, str]], bucket: str) -> tuple[AudioPublication, UploadPublication]:
    """Returns the records of a track and its uploads, from hash and key by suffix."""
    (sha256, key), (captions_sha256, captions_key) = files[".mp3"], files[".vtt"]
    (lyrics_sha256, lyrics_key), (transcript_sha256, transcript_key) = files[".lrc"], files[".md"]
    audio = AudioPublication(
        input_sha256="",
        sha256=sha256,
        captions_sha256=captions_sha256,
        samples=1,
        sample_rate_hz=1,
        duration_s=1,
        loudness_lufs=-16,
        true_peak_dbtp=-1,
        files=[
            AudioFile(kind="lyrics", sha256=lyrics_sha256, suffix=".lrc"),
            AudioFile(kind="transcript", sha256=transcript_sha256, suffix=".md"),
        ],
    )
    upload = UploadPublication(
        audio_sha256=sha256,
        bucket=bucket,
        key=key,
        url=f"https://s3/{key}",
        captions_key=captions_key,
        captions_url=f"https://s3/{captions_key}",
        files=[
            UploadedFile(kind="lyrics", key=lyrics_key, url=f"https://s3/{lyrics_key}"),
            UploadedFile(kind="transcript", key=transcript_key, url=f"https://s3/{transcript_key}"),
        ],
    )
    return audio, upload


def counts(pruned: Pruned) -> dict[str, int]:
    """How much of each kind was removed of the one tenant."""
    (one,) = pruned.tenants
    assert one.problem == ""
    return {kind: removed.count for kind, removed in one.removed.items()}
