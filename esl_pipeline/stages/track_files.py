"""The files that go with a track: what each is called, how browsers are told of it, and its link under the player."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from esl_pipeline.manifests import suggest_slug
from esl_pipeline.stores.publication import AudioPublication, FileKind, UploadPublication

MP3 = ".mp3"
VTT = ".vtt"
LRC = ".lrc"
MARKDOWN = ".md"

_TYPES = {
    MP3: "audio/mpeg",
    VTT: "text/vtt; charset=utf-8",
    LRC: "text/plain; charset=utf-8",
    MARKDOWN: "text/markdown; charset=utf-8",
}

Part = Literal["track", "captions"] | FileKind

LABELS: dict[Part, str] = {
    "captions": "Captions",
    "lyrics": "Lyrics",
    "transcript": "Transcript",
    "slow": "Slow",
    "dictation": "Dictation",
}
"""Texts of the links below the player, in their order; the captions of further tracks have none."""

_NAMED_AS: dict[Part, str] = {
    "slow": "-slow",
    "slow_captions": "-slow",
    "dictation": "-dictation",
    "dictation_captions": "-dictation",
}


@dataclass(frozen=True, slots=True)
class TrackFile:
    """One stored file of a track: ``sha256`` is of its content and, with ``suffix``, its key in the artifact store."""

    part: Part
    sha256: str
    suffix: str

    @property
    def content_type(self) -> str:
        """What browsers are told that it is."""
        return _TYPES[self.suffix]

    def filename(self, title: str) -> str:
        """Returns the name under which a browser saves it."""
        return f"{suggest_slug(title)}{_NAMED_AS.get(self.part, '')}{self.suffix}"


def files_of(audio: AudioPublication) -> Iterator[TrackFile]:
    """Yields the track, its captions and what is beside them."""
    yield TrackFile("track", audio.sha256, MP3)
    yield TrackFile("captions", audio.captions_sha256, VTT)
    for file in audio.files:
        yield TrackFile(file.kind, file.sha256, file.suffix)


def keys_of(upload: UploadPublication) -> frozenset[str]:
    """Returns the keys of all objects of an upload."""
    return frozenset({upload.key, upload.captions_key, *(file.key for file in upload.files)})


@dataclass(frozen=True, slots=True)
class FileLink:
    """A link below the player; a signed address is not shown."""

    label: str
    url: str = field(repr=False)


def links_of(upload: UploadPublication, sign: Callable[[str], str] | None = None) -> tuple[FileLink, ...]:
    """Returns the links to what was uploaded, in their order; signed where a key's address is given."""
    found: dict[Part, tuple[str, str]] = {file.kind: (file.key, file.url) for file in upload.files}
    if upload.captions_key:
        found["captions"] = upload.captions_key, upload.captions_url
    urls = {part: sign(key) if sign else url for part, (key, url) in found.items() if part in LABELS}
    return tuple(FileLink(label, urls[part]) for part, label in LABELS.items() if part in urls)
