"""Speech in the formats that the vendor gives.

**Source**: ElevenLabs' OpenAPI document, ``output_format`` of text to speech, 2026-09-23.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

import av
import numpy as np

from esl_pipeline.clients.local_voice.speaking import Utterance
from esl_pipeline.sandbox.elevenlabs.faults import FaultError

DEFAULT_FORMAT = "mp3_44100_128"


@dataclass(frozen=True)
class Container:
    """How FFmpeg makes a format.

    Attributes:
        muxer: FFmpeg's name of the file format.
        encoder: FFmpeg's name of the encoder.
        content_type: of the answer.
    """

    muxer: str
    encoder: str
    content_type: str


CONTAINERS = {
    "pcm": Container("s16le", "pcm_s16le", "audio/pcm"),
    "wav": Container("wav", "pcm_s16le", "audio/wav"),
    "ulaw": Container("mulaw", "pcm_mulaw", "audio/basic"),
    "alaw": Container("alaw", "pcm_alaw", "audio/x-alaw-basic"),
    "mp3": Container("mp3", "libmp3lame", "audio/mpeg"),
    "opus": Container("ogg", "libopus", "audio/opus"),
}
_RATES = (8000, 16000, 22050, 24000, 32000, 44100, 48000)
FORMATS = frozenset(
    [f"{codec}_{rate}" for codec in ("pcm", "wav") for rate in _RATES]
    + ["ulaw_8000", "alaw_8000", "mp3_22050_32", "mp3_24000_48"]
    + [f"mp3_44100_{kbps}" for kbps in (32, 64, 96, 128, 192)]
    + [f"opus_48000_{kbps}" for kbps in (32, 64, 96, 128, 192)]
)


@dataclass(frozen=True)
class OutputFormat:
    """One of the vendor's formats, such as ``pcm_24000``; ``bitrate_kbps`` only where it names one."""

    name: str
    container: Container
    rate_hz: int
    bitrate_kbps: int | None = None


def output_format(name: str) -> OutputFormat:
    """Reads a format's name.

    Raises:
        FaultError: the vendor has none of this name.
    """
    if name not in FORMATS:
        message = f"Output format '{name}' is not supported. Use one of: {', '.join(sorted(FORMATS))}."
        raise FaultError("invalid_output_format", message, "output_format")
    codec, rate, *bitrate = name.split("_")
    return OutputFormat(name, CONTAINERS[codec], int(rate), int(bitrate[0]) if bitrate else None)


def encode(spoken: Utterance, form: OutputFormat) -> bytes:
    """Resamples with FFmpeg's band-limited resampler and encodes; the same speech gives the same bytes."""
    file = io.BytesIO()
    with av.open(file, "w", format=form.container.muxer, options={"fflags": "+bitexact"}) as container:
        stream = cast(av.AudioStream, container.add_stream(form.container.encoder, rate=form.rate_hz))
        stream.layout = "mono"
        if form.bitrate_kbps:
            stream.bit_rate = form.bitrate_kbps * 1000
        resampler = av.AudioResampler(stream.format, "mono", form.rate_hz, stream.codec_context.frame_size or None)
        for frame in [*resampler.resample(_frame(spoken)), *resampler.resample(None)]:
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def _frame(spoken: Utterance) -> av.AudioFrame:
    samples = np.frombuffer(spoken.pcm, dtype="<i2").reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
    frame.sample_rate = spoken.rate_hz
    frame.time_base = Fraction(1, spoken.rate_hz)
    frame.pts = 0
    return frame
