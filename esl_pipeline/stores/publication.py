"""The output record of an assignment: what stands where, and what each stage did."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from esl_pipeline.stores.publication_versions import SCHEMA_VERSION, NewerPublicationError, update_publication


class UnreadablePublicationError(Exception):
    """A publication is damaged or of a newer version of the program; it stays as it is. Asking again can't help."""


class Record(BaseModel):
    """A part of a publication; fields written by a newer version are kept."""

    model_config = ConfigDict(extra="allow")


class WrittenBlock(Record):
    """A block that the pipeline wrote: ``sha256`` is of its own content as written, children apart.

    ``id`` is empty where the block was written inside its parent's request and its id has not been read yet.
    ``intended_sha256`` is of what is being written, and ``sha256`` empty for a block that may not be there yet, so that
    a run that died half-way is understood. ``study_text`` marks the toggle that the audio block goes above.
    """

    id: str = ""
    type: str
    sha256: str
    intended_sha256: str = ""
    study_text: bool = False
    children: list[WrittenBlock] = Field(default_factory=list)


class PagePublication(Record):
    """The Notion page. ``id`` is None between the recorded intent to create it and the answer.

    It stands in a data source, or under ``parent_page_id``, where ``data_source_id`` is empty; ``asked`` is the setting
    that named the place. Under a page there is no key, so ``title`` and ``others``, the pages of that title that were
    there before, tell which one is ours. ``head_sha256`` has the hash of each property as written, and of ``icon`` and
    ``cover``; ``head_input_sha256`` is of what they were made from. ``adopted`` is True for a page that was found, or
    that was imported, so that not all that is on it was recorded. ``unlinked_student`` says why the page is not linked
    to its student, so that the next run looks again.
    """

    intended_at: datetime
    key: str
    data_source_id: str
    parent_page_id: str = ""
    asked: str = ""
    title: str = ""
    others: list[str] = Field(default_factory=list)
    id: str | None = None
    url: str | None = None
    complete: bool = False
    adopted: bool = False
    unlinked_student: str = ""
    input_sha256: str = ""
    head_input_sha256: str = ""
    head_sha256: dict[str, str] = Field(default_factory=dict)
    blocks: list[WrittenBlock] = Field(default_factory=list)


PauseKind = Literal["turn", "paragraph", "sentence"]
"""What ends after a segment, and so how long the pause there is."""


class SegmentPublication(Record):
    """The audio of one turn or of a piece of it.

    ``sha256`` is the hash of the request that made it and the key of its audio in the artifact store; the segment is
    ``samples`` long from ``begin`` on, since a dialogue's request has several. ``text`` is what was sent, ``written``
    what stands in the lesson, where that differs. ``character_cost`` is what the vendor billed when it was bought,
    ``cached`` whether the last run had it already.
    """

    sha256: str
    speaker: str
    voice_id: str
    voice_name: str
    text: str
    written: str = ""
    begin: int = 0
    samples: int
    sample_rate_hz: int
    pause_after: PauseKind = "turn"
    character_cost: int = 0
    cached: bool = False


class CastPublication(Record):
    """A speaker's voice: who chose it, why, and the hash of what was wanted; it is kept while that stays the same."""

    speaker: str
    voice_id: str
    voice_name: str
    source: str
    score: int | None = None
    reasons: list[str] = Field(default_factory=list)
    wanted_sha256: str = ""


class SpeechPublication(Record):
    """The segments in playing order, and those of the slow track where the engine speaks slowly itself."""

    input_sha256: str
    engine: str = "elevenlabs"
    model: str = ""
    cast: list[CastPublication] = Field(default_factory=list)
    segments: list[SegmentPublication]
    slow_segments: list[SegmentPublication] = Field(default_factory=list)


class CuePublication(Record):
    """When one turn is heard: seconds from the start of the track."""

    speaker: str
    text: str
    start_s: float
    end_s: float


FileKind = Literal["lyrics", "transcript", "slow", "slow_captions", "dictation", "dictation_captions"]
"""What is made beside the track and its captions."""


class AudioFile(Record):
    """A file beside the track: ``sha256`` and ``suffix`` are its key in the artifact store."""

    kind: FileKind
    sha256: str
    suffix: str


class AudioPublication(Record):
    """The merged track: ``sha256`` is of the MP3's bytes and its key in the artifact store.

    ``year`` is that in the tags: of the first time, so that the same lesson gives the same bytes later.
    """

    input_sha256: str
    sha256: str
    captions_sha256: str
    samples: int
    sample_rate_hz: int
    duration_s: float
    loudness_lufs: float
    true_peak_dbtp: float
    loudness_by_speaker_lufs: dict[str, float] = Field(default_factory=dict)
    cues: list[CuePublication] = Field(default_factory=list)
    files: list[AudioFile] = Field(default_factory=list)
    year: int | None = None


class UploadedFile(Record):
    """The S3 object of a file beside the track."""

    kind: FileKind
    key: str
    url: str


Publishing = Literal["public", "presigned", "notion"]
"""How students get the sound; see ``storage.publishing``."""


class UploadPublication(Record):
    """The S3 objects of the track, its captions and what is beside them; or the track as a file at Notion.

    ``url`` tells the track from others: its address, never with a signature, or ``notion-file:`` and the id of a file
    upload. A file at Notion has neither bucket nor keys, and nothing beside it; unless it is on a page by
    ``attach_until``, Notion drops it.
    """

    audio_sha256: str
    bucket: str
    key: str
    url: str
    captions_key: str
    captions_url: str
    files: list[UploadedFile] = Field(default_factory=list)
    publishing: Publishing = "public"
    attach_until: datetime | None = None

    @property
    def address(self) -> str | None:
        """The track's address without signature, None where Notion keeps the file."""
        return None if self.publishing == "notion" else self.url


class AttachmentPublication(Record):
    """The audio block on the page; ``block_id`` is None between the intent to insert it and the answer.

    ``study_text_id`` is of the toggle that it was put above, ``replaced_block_id`` of a block of ours that is to be
    deleted once the new one stands. ``intended_url`` is what is being written into the block in place of ``url``; both
    are without signature, or name a file at Notion as the upload does. ``signed_at`` and ``signed_until`` are of the
    signature on the page. ``editor_id`` is whom Notion credited our last write to.
    """

    page_id: str
    intended_at: datetime
    block_id: str | None = None
    url: str
    intended_url: str = ""
    study_text_id: str = ""
    replaced_block_id: str | None = None
    signed_at: datetime | None = None
    signed_until: datetime | None = None
    editor_id: str = ""


class ChosenPreset(Record):
    """Heading colours that were chosen for this assignment, and what its manifest named then, None where nothing."""

    preset: str
    instead_of: str | None = None


class StageRecord(Record):
    """What a stage did last; ``error`` says why it failed, as data.

    ``told_sha256`` is of what stood where when the audit log was told last, so that a change it does not know is seen.
    """

    status: Literal["succeeded", "skipped", "failed"]
    job_id: str
    run_id: str
    started_at: datetime
    elapsed_s: float
    reason: str = ""
    metrics: dict[str, Any] = Field(default_factory=dict)
    error: dict[str, Any] | None = None
    problems: list[dict[str, Any]] = Field(default_factory=list)
    told_sha256: str = ""


class Publication(Record):
    """All that is known of an assignment that was asked for.

    ``settings_versions`` is the exact version of each document that the last run's settings were from, by its name.
    ``lease_token`` is that of the newest lease under which it was written, where leases have tokens. ``asked_at`` is
    when what it shows was asked for, by the clock of the queue that asked; None where none did.
    """

    schema_version: Literal[2] = SCHEMA_VERSION
    tenant: str
    assignment: str
    manifest_sha256: str = ""
    asked_at: datetime | None = None
    title: str = ""
    chosen_preset: ChosenPreset | None = None
    page: PagePublication | None = None
    speech: SpeechPublication | None = None
    audio: AudioPublication | None = None
    upload: UploadPublication | None = None
    attachment: AttachmentPublication | None = None
    stages: dict[str, StageRecord] = Field(default_factory=dict)
    settings_versions: dict[str, str] = Field(default_factory=dict)
    lease_token: int = 0


def read_publication(content: bytes, tenant: str, assignment: str, where: str) -> Publication:
    """Reads a stored publication.

    Args:
        content: JSON, of this version or an older one.
        tenant: whose it must be.
        assignment: whose it must be.
        where: it is stored; for people.

    Raises:
        UnreadablePublicationError: it is damaged, of a newer version of the program, or another assignment's.
    """
    try:
        found = Publication.model_validate(update_publication(json.loads(content)))
    except NewerPublicationError as error:
        raise UnreadablePublicationError(f"{where} is of {error}. Update the program.") from None
    except (ValueError, TypeError, LookupError, RecursionError):
        raise UnreadablePublicationError(
            f"{where} is damaged. Put back a copy of it, or move it away to publish the assignment anew."
        ) from None
    if (found.tenant, found.assignment) != (tenant, assignment):
        message = f"{where} is the publication of {found.tenant}/{found.assignment}. Move it back."
        raise UnreadablePublicationError(message)
    return found
