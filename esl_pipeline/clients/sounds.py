"""Takes the samples out of sound that a vendor sent."""

from __future__ import annotations

import io

import av

_RAW = ("", "audio/pcm", "audio/l16", "audio/raw", "application/octet-stream")
_FILE_STARTS = (b"RIFF", b"ID3", b"OggS", b"fLaC")
_WORDS = ("application/json", "text/")


def is_words(content_type: str) -> bool:
    """Tells whether an answer of that type is JSON or a page, which no sound is ever sent as."""
    return content_type.lower().startswith(_WORDS)


def samples_of(content: bytes, content_type: str, raw_rate_hz: int | None) -> tuple[bytes, int] | None:
    """Returns signed 16 bit little-endian mono samples and their rate, None where the content is no whole sound.

    Args:
        content: raw samples, or a file such as MP3 or WAV.
        content_type: as the vendor says it, empty where it doesn't; what plainly is a file is read as one all the same.
        raw_rate_hz: rate of raw samples; None where there should be a file.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if raw_rate_hz is None or kind not in _RAW or content.startswith(_FILE_STARTS):
        return _decoded(content)
    return (content, raw_rate_hz) if content and len(content) % 2 == 0 else None


def _decoded(content: bytes) -> tuple[bytes, int] | None:
    """Decodes a file at its own rate; several channels become one."""
    try:
        with av.open(io.BytesIO(content), "r") as container:
            rate_hz = container.streams.audio[0].codec_context.sample_rate
            resampler = av.AudioResampler(format="s16", layout="mono", rate=rate_hz)
            frames = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
    except (av.FFmpegError, IndexError):
        return None
    samples = [frame.to_ndarray().astype("<i2").tobytes() for frame in frames]
    return (b"".join(samples), rate_hz) if any(samples) else None
