"""Files that programs upload: begun, sent in one piece or several, and kept once something on a page refers to them.

**Source**: developers.notion.com guides/data-apis/working-with-files-and-media, uploading-small-files and
sending-larger-files, reference/create-, send- and complete-a-file-upload (read 2026-11-25), and answers recorded in
July 2026. The words of the refusals are the sandbox's own, since none were recorded.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

from esl_pipeline.sandbox.notion import Json
from esl_pipeline.sandbox.notion.refusals import failed, invalid, not_found
from esl_pipeline.sandbox.notion.shapes import Number, OneOf, Record, Text, Where
from esl_pipeline.sandbox.notion.upload_store import Upload
from esl_pipeline.sandbox.notion.visit import Visit

MIB = 1 << 20
LARGEST_PIECE_BYTES, SMALLEST_PART_BYTES = 20 * MIB, 5 * MIB
ENDS_AFTER = timedelta(hours=1)
LONGEST_NAME_BYTES = 900
MOST_PARTS = 10_000

TYPES = {
    ".mp3": "audio/mpeg",
    ".mpga": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".oga": "audio/ogg",
    ".ogg": "audio/ogg",
    ".wav": "audio/wav",
    ".txt": "text/plain",
    ".json": "application/json",
    ".pdf": "application/pdf",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
}
"""What is taken, as far as lessons may use it; neither captions, nor lyrics, nor Markdown are."""

STATUSES = ("pending", "uploaded", "expired", "failed")
_CREATE = Record(
    {},
    {
        "mode": OneOf(("single_part", "multi_part")),
        "filename": Text(1),
        "content_type": Text(1),
        "number_of_parts": Where(Number(whole=True, least=1), lambda count: count <= MOST_PARTS, f"≤ `{MOST_PARTS}`"),
    },
)


@dataclass(frozen=True)
class SentPart:
    """What a form has: the file with its name and type, and the part's number as text."""

    content: bytes
    filename: str
    content_type: str
    part_number: str | None


def create(visit: Visit, body: Any, api_url: str) -> Json:
    """Begins an upload; ``api_url`` is where it is to be sent."""
    _CREATE.check(body, "body")
    name, kind, parts = body.get("filename", ""), body.get("content_type", ""), None
    if body.get("mode") == "multi_part":
        for needed in ("filename", "number_of_parts"):
            if needed not in body:
                raise failed(f"body.{needed}", "defined", None)
        parts = int(body["number_of_parts"])
    if name or kind:
        name, kind = _checked_type(name, kind)
    upload = Upload(
        id=str(uuid.uuid4()),
        filename=name,
        content_type=kind,
        parts=parts,
        created_at=_written(datetime.now(UTC)),
        ends_at=_written(datetime.now(UTC) + ENDS_AFTER),
        created_by=visit.user_id,
    )
    visit.uploads.save(upload)
    address = f"{api_url}/v1/file_uploads/{upload.id}"
    more = {"upload_url": f"{address}/send", **({"complete_url": f"{address}/complete"} if parts else {})}
    return {**_answer(visit, upload), **more}


def send(visit: Visit, upload_id: str, sent: SentPart | None) -> Json:
    """Takes a file, or a part of one."""
    upload = _find(visit, upload_id)
    if sent is None:
        raise failed("body.file", "defined", None)
    _must_be_pending(upload)
    if len(sent.content) > LARGEST_PIECE_BYTES:
        raise invalid(f"A file or part of it may have {LARGEST_PIECE_BYTES} bytes, this has {len(sent.content)}.")
    name, kind = _checked_type(upload.filename or sent.filename, sent.content_type)
    if upload.content_type and upload.content_type != kind:
        raise invalid(f"The content type {kind} does not match {upload.content_type}, with which the upload began.")
    visit.uploads.write(upload.id, _part_number(upload, sent.part_number), sent.content)
    if upload.parts is None:
        _check_size(visit, upload.id)
        upload = upload.changed(status="uploaded", filename=name, content_type=kind)
    else:
        upload = upload.changed(content_type=kind)
    visit.uploads.save(upload)
    return _answer(visit, upload)


def complete(visit: Visit, upload_id: str) -> Json:
    """Ends an upload that was sent in parts."""
    upload = _find(visit, upload_id)
    if upload.parts is None:
        raise invalid("Only an upload in parts is completed.")
    _must_be_pending(upload)
    sizes = visit.uploads.sizes(upload.id)
    missing = [number for number in range(1, upload.parts + 1) if number not in sizes]
    if missing:
        raise invalid(f"The parts {', '.join(map(str, missing[:20]))} were not sent.")
    if small := [number for number in range(1, upload.parts) if sizes[number] < SMALLEST_PART_BYTES]:
        raise invalid(f"Part {small[0]} has less than {SMALLEST_PART_BYTES} bytes; only the last may.")
    _check_size(visit, upload.id)
    upload = upload.changed(status="uploaded")
    visit.uploads.save(upload)
    return _answer(visit, upload)


def retrieve(visit: Visit, upload_id: str) -> Json:
    """Returns an upload."""
    return _answer(visit, _find(visit, upload_id))


def all_uploads(visit: Visit, status: str | None) -> list[Json]:
    """Returns the uploads, newest first; those of one status where it is given."""
    if status is not None:
        OneOf(STATUSES).check(status, "query.status")
    return [_answer(visit, one) for one in visit.uploads.all() if status in (None, _status(one))]


def attach(visit: Visit, content: Json) -> Json:
    """Returns a block's content with a file that Notion keeps in place of an upload; the upload ends no more.

    Raises:
        Refusal: there is no such upload, or it has no file.
    """
    if "file_upload" not in content:
        return content
    upload = _find(visit, content["file_upload"]["id"])
    if _status(upload) != "uploaded":
        raise invalid(f"The file upload {upload.id} is {_status(upload)}; only one that is uploaded can be attached.")
    visit.uploads.save(upload.changed(ends_at=None))
    others = {name: value for name, value in content.items() if name not in ("file_upload", "type")}
    return {**others, "type": "file", "file": {"upload_id": upload.id}}


def _find(visit: Visit, upload_id: str) -> Upload:
    found = visit.uploads.find(upload_id)
    if found is None:
        raise not_found("file_upload", upload_id)
    return found


def _status(upload: Upload) -> str:
    over = upload.ends_at is not None and datetime.fromisoformat(upload.ends_at) <= datetime.now(UTC)
    return "expired" if over else upload.status


def _must_be_pending(upload: Upload) -> None:
    if _status(upload) != "pending":
        raise invalid(f"The file upload is {_status(upload)}; a file can be sent only while it is pending.")


def _part_number(upload: Upload, text: str | None) -> int:
    if upload.parts is None:
        if text is not None:
            raise failed("body.part_number", "not present", text)
        return 1
    if text is None or not text.isdecimal() or not 1 <= int(text) <= upload.parts:
        raise failed("body.part_number", f"a number from 1 to {upload.parts}", text)
    return int(text)


def _checked_type(name: str, kind: str) -> tuple[str, str]:
    """Returns name and type of a file; one of them may be missing."""
    suffix = PurePosixPath(name).suffix.lower()
    kind = kind.partition(";")[0].strip() or TYPES.get(suffix, "")
    if not suffix:
        suffix = next((one for one, its_kind in TYPES.items() if its_kind == kind), "")
        name += suffix
    if suffix not in TYPES or kind not in TYPES.values():
        raise invalid(f"Files of the type {kind or 'unknown'}, named *{suffix}, are not supported.")
    if TYPES[suffix] != kind:
        raise invalid(f"The extension {suffix} does not match the content type {kind}.")
    if len(name.encode()) > LONGEST_NAME_BYTES:
        raise invalid(f"A file name may have {LONGEST_NAME_BYTES} bytes.")
    return name, kind


def _check_size(visit: Visit, upload_id: str) -> None:
    size = sum(visit.uploads.sizes(upload_id).values())
    if size > visit.uploads.largest_file_bytes:
        raise invalid(f"The workspace's plan takes files of {visit.uploads.largest_file_bytes} bytes, this has {size}.")


def _answer(visit: Visit, upload: Upload) -> Json:
    sizes, status = visit.uploads.sizes(upload.id), _status(upload)
    parts = {"number_of_parts": {"total": upload.parts, "sent": len(sizes)}} if upload.parts else {}
    return {
        "object": "file_upload",
        "id": upload.id,
        "created_time": upload.created_at,
        "created_by": {"id": upload.created_by, "type": "bot"},
        "last_edited_time": upload.created_at,
        "expiry_time": upload.ends_at,
        "in_trash": False,
        "status": status,
        "filename": upload.filename or None,
        "content_type": upload.content_type or None,
        "content_length": sum(sizes.values()) if status == "uploaded" else None,
        **parts,
    }


def _written(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:00.000Z")
