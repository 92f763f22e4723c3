"""The picture of a track."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

import av

MAX_COVER_BYTES = 1_000_000

_CODECS = {b"\xff\xd8\xff": "mjpeg", b"\x89PNG\r\n\x1a\n": "png"}
"""FFmpeg's codec by the first bytes of a file."""


class CoverError(ValueError):
    """The picture can't be put into an MP3; another one is needed."""


@dataclass(frozen=True, slots=True)
class Cover:
    """A JPEG or PNG file."""

    content: bytes = field(repr=False)
    codec: str
    width: int
    height: int


def read_cover(content: bytes) -> Cover:
    """Checks that a file is a picture that players show.

    Raises:
        CoverError: it is neither JPEG nor PNG, damaged, or too big.
    """
    if len(content) > MAX_COVER_BYTES:
        raise CoverError(
            f"the cover has {len(content):,} bytes; at most {MAX_COVER_BYTES:,} are allowed. Scale it down."
        )
    codec = next((codec for magic, codec in _CODECS.items() if content.startswith(magic)), None)
    if codec is None:
        raise CoverError("the cover is neither a JPEG nor a PNG file. Save it as one of these.")
    try:
        with av.open(io.BytesIO(content), "r") as container:
            frame = next(container.decode(video=0))
    except (av.FFmpegError, IndexError, StopIteration) as error:
        raise CoverError(f"the cover can't be read as a picture ({error}). Save it again as JPEG or PNG.") from error
    return Cover(content, codec, frame.width, frame.height)
