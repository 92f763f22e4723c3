"""Sounds to make tracks of, and measurements by other implementations than the package's own."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import BinaryIO

import av
import numpy as np
from numpy.typing import NDArray
from pyloudnorm import Meter

from esl_pipeline.audio import Track, TrackSegment
from esl_pipeline.manifests.settings import AudioSettings
from esl_pipeline.speech.segments import PauseKind

Floats = NDArray[np.float64]

SETTINGS = AudioSettings()


def babble(seconds: float, rate_hz: int = 24_000, *, rms: float = 0.05, seed: int = 0) -> Floats:
    """Noise with the rhythm and the spectrum of speech: syllables, and less the higher."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=max(round(seconds * rate_hz), 1))
    spectrum = np.fft.rfft(noise)
    hertz = np.fft.rfftfreq(noise.size, 1 / rate_hz)
    spectrum *= (hertz > 90) / np.maximum(hertz / 500, 1) ** 1.2
    voiced = np.fft.irfft(spectrum, noise.size)
    syllables = 0.15 + np.abs(np.sin(2 * np.pi * 2.1 * np.arange(noise.size) / rate_hz + seed)) ** 2
    sound = voiced * syllables
    return np.asarray(sound * rms / max(np.sqrt(np.mean(sound**2)), 1e-12))


def pcm(sound: Floats) -> bytes:
    return np.clip(np.round(sound * 32768), -32768, 32767).astype("<i2").tobytes()


def segment(
    sound: Floats, speaker: str = "Kim", rate_hz: int = 24_000, text: str = "Hello.", pause_after: PauseKind = "turn"
) -> TrackSegment:
    samples = pcm(sound)
    return TrackSegment(speaker, text, lambda: (samples, rate_hz), pause_after)


def kept(track: Track) -> Track:
    """Returns a track that need not be closed."""
    with track:
        return replace(track, mp3=io.BytesIO(track.mp3.read()))


def content(track: Track) -> bytes:
    track.mp3.seek(0)
    return track.mp3.read()


def heard(mp3: BinaryIO) -> tuple[Floats, int]:
    """Decodes as a player does."""
    mp3.seek(0)
    with av.open(mp3, "r") as container:
        frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
        return np.concatenate(frames, axis=1)[0].astype(np.float64), container.streams.audio[0].sample_rate


def loudness_lufs(samples: Floats, rate_hz: int) -> float:
    return float(Meter(rate_hz).integrated_loudness(samples))


def peak_dbtp(samples: Floats) -> float:
    """Measures between the samples too, by a Fourier transform of the whole."""
    between = np.fft.irfft(np.fft.rfft(samples), 4 * samples.size) * 4
    return float(20 * np.log10(np.abs(between).max()))
