"""What became of the player and of the files that it plays; reads them and writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.pages.block_map import ActualBlock
from esl_pipeline.pages.fingerprint import normal_id
from esl_pipeline.stages.audio_place import address, has_own_caption, plays, same_caption, stands_above
from esl_pipeline.stages.audio_source import signature_of
from esl_pipeline.stages.drift_finding import Difference
from esl_pipeline.stages.track_files import files_of, links_of
from esl_pipeline.stages.vendors import ObjectStorage
from esl_pipeline.stores.publication import AttachmentPublication, AudioPublication, UploadPublication

REATTACH = "Run reattach."
REUPLOAD = "Run reupload."
REPLACED = "Delete the object and run reupload: a key stands for one content, so it is never written over."


def drift_of_player(
    levels: Sequence[Sequence[ActualBlock]],
    attachment: AttachmentPublication,
    upload: UploadPublication,
    study_text_id: str,
    elsewhere: Callable[[str], bool],
    now: datetime,
) -> Iterator[Difference]:
    """Yields what is wrong with the audio block.

    Args:
        levels: the page's blocks, as they stand side by side.
        attachment: what was put on the page.
        upload: what it should play.
        study_text_id: of the toggle that it stands above; empty where that is not known.
        elsewhere: tells whether a block still exists that is not where it was; costs a request.
        now: for signatures.
    """
    block_id = attachment.block_id or ""
    siblings = next((level for level in levels if _find(level, block_id)), None)
    if siblings is None:
        moved = elsewhere(block_id)
        seen = "The audio player was moved to another place." if moved else "The audio player was deleted."
        mend = "Move it back above the study text, or delete it and run reattach." if moved else REATTACH
        yield Difference("player", seen, mend)
        return
    block = _find(siblings, block_id)
    yield from _of_block(block, upload, now) if block else ()
    if study_text_id and not stands_above(siblings, block_id, study_text_id):
        mend = "Move it back above the study text, or delete it and run reattach."
        yield Difference("player", "The audio player is not directly above the study text.", mend)


def _find(level: Sequence[ActualBlock], block_id: str) -> ActualBlock | None:
    return next((block for block in level if normal_id(block.id) == normal_id(block_id)), None)


def _of_block(block: ActualBlock, upload: UploadPublication, now: datetime) -> Iterator[Difference]:
    content = block.content
    if not plays(content, upload.url):
        mend = "Nothing need be done, a person's file stays. For the lesson's track delete the block and run reattach."
        yield Difference("player", "The audio player plays another file than the lesson's track.", mend, stays=True)
        return
    ends = signature_of(address(content))
    if ends and ends.until <= now:
        yield Difference(
            "player", "The addresses on the page have ended.", "Run resign_audio, and turn its schedule on."
        )
    if has_own_caption(content):
        yield Difference(
            "player", "A person wrote another caption below the player.", "Nothing need be done.", stays=True
        )
    elif not same_caption(content, links_of(upload)):
        yield Difference("player", "The links below the player, such as that to the captions, are not ours.", REATTACH)


def drift_of_files(
    objects: ObjectStorage, upload: UploadPublication, audio: AudioPublication | None
) -> Iterator[Difference]:
    """Yields the objects that are missing, or are not what was uploaded. Costs a HEAD request for each."""
    if upload.publishing == "notion":
        return
    if objects.bucket != upload.bucket:
        seen = f"The track is in the bucket {upload.bucket}; the settings name {objects.bucket} now."
        yield Difference("file", seen, REUPLOAD)
        return
    for part, key, sha256 in _expected(upload, audio):
        try:
            found = objects.look(key)
        except RejectedError as error:
            seen = f"The file “{part}” can't be looked at: {error.message}"
            yield Difference("file", seen, "Check the bucket's rights (s3:GetObject), then run reupload.")
            continue
        if found is None:
            yield Difference("file", f"The file “{part}” is gone from the bucket: {key}.", REUPLOAD)
        elif not found.holds(sha256):
            yield Difference(
                "file",
                f"The file “{part}” is not what was uploaded, but another of {found.size:,} bytes: {key}.",
                REPLACED,
            )


def _expected(upload: UploadPublication, audio: AudioPublication | None) -> Iterator[tuple[str, str, str]]:
    """Yields what each object is, its key, and the hash of its content, empty where a newer track is not uploaded."""
    hashes: dict[str, str] = {}
    if audio and audio.sha256 == upload.audio_sha256:
        hashes = {file.part: file.sha256 for file in files_of(audio)}
    yield "track", upload.key, upload.audio_sha256
    yield "captions", upload.captions_key, hashes.get("captions", "")
    for file in upload.files:
        yield file.kind, file.key, hashes.get(file.kind, "")
