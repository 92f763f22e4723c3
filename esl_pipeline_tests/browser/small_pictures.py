"""Pictures with at most 256 colours, which screenshots of text do without the rest of."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

MOST_COLOURS = 256
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PALETTE = 3


def shrink(picture: Path) -> int:
    """Rewrites a PNG with its 256 most frequent colours, others as the nearest of these; returns its size in bytes."""
    with av.open(picture) as container:
        pixels = np.asarray(next(container.decode(video=0)).to_ndarray(format="rgb24"), np.uint8)
    height, width, _ = pixels.shape
    colours, which, counts = np.unique(pixels.reshape(-1, 3), axis=0, return_inverse=True, return_counts=True)
    palette: NDArray[np.uint8] = colours[np.argsort(counts)[::-1][:MOST_COLOURS]]
    indexes = _nearest(colours, palette)[which.reshape(height, width)]
    rows = b"".join(b"\x00" + row.tobytes() for row in indexes)
    head = struct.pack(">IIBBBBB", width, height, 8, _PALETTE, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"PLTE", palette.tobytes()), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    picture.write_bytes(_SIGNATURE + b"".join(_chunk(kind, content) for kind, content in chunks))
    return picture.stat().st_size


def _nearest(colours: NDArray[np.uint8], palette: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Returns, for each colour, the index of the entry of the palette that is most like it."""
    steps = np.abs(colours[:, None, :].astype(np.int32) - palette[None, :, :].astype(np.int32)).sum(axis=2)
    return np.asarray(steps.argmin(axis=1), np.uint8)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
