"""Small pictures to put into tracks."""

from __future__ import annotations

import io

import av
import numpy as np

FORMATS = {"mjpeg": "yuvj420p", "png": "rgb24"}


def picture(codec: str, width: int = 64, height: int = 48) -> bytes:
    """Returns a JPEG (``mjpeg``) or PNG file of noise."""
    pixels = np.random.default_rng(0).integers(0, 255, (height, width, 3), dtype=np.uint8)
    file = io.BytesIO()
    with av.open(file, "w", format="image2pipe") as container:
        stream = container.add_stream(codec, 1, width=width, height=height, pix_fmt=FORMATS[codec])
        assert isinstance(stream, av.VideoStream)
        container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        container.mux(stream.encode(None))
    return file.getvalue()
