"""Sound files, made and measured."""

from __future__ import annotations

import io
import wave

import av
import numpy as np

from esl_pipeline.speech import Spoken


def tone(seconds: float, rate_hz: int) -> bytes:
    """Returns a quiet tone of 440 Hz, signed 16 bit little-endian mono."""
    times = np.arange(round(seconds * rate_hz)) / rate_hz
    return (8000 * np.sin(2 * np.pi * 440 * times)).astype("<i2").tobytes()


def mp3(samples: bytes, rate_hz: int) -> bytes:
    """Returns the sound as an MP3."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=rate_hz)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(np.frombuffer(samples, "<i2").reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = rate_hz
        resampler = av.AudioResampler(stream.format, "mono", rate_hz, stream.codec_context.frame_size or None)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return file.getvalue()


def wav(samples: bytes, rate_hz: int, channels: int = 1) -> bytes:
    """Returns the sound as a WAV, the same on each channel."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writing:
        writing.setnchannels(channels)
        writing.setsampwidth(2)
        writing.setframerate(rate_hz)
        writing.writeframes(np.repeat(np.frombuffer(samples, "<i2"), channels).tobytes())
    return file.getvalue()


def seconds_of(spoken: Spoken) -> float:
    """Returns how long speech lasts."""
    return len(spoken.pcm) / 2 / spoken.sample_rate_hz
