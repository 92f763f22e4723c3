"""Kokoro's English voices that come with this package; see NOTICE beside their files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FOLDER = Path(__file__).with_name("voices")
STYLES, STYLE_LENGTH = 510, 256
"""A voice has one style for each number of sounds in a piece, from 0."""

Accent = Literal["american", "british"]


class DamagedFileError(Exception):
    """A file of the model or of a voice is not the one that it should be; installing anew helps."""


@dataclass(frozen=True)
class NeuralVoice:
    """One voice.

    Attributes:
        voice_id: Kokoro's name of it, and that of its file.
        use_case: what it is good for, such as ``conversational``.
        sha256: of its file.
    """

    voice_id: str
    name: str
    accent: Accent
    gender: Literal["female", "male"]
    use_case: str
    sha256: str

    @property
    def labels(self) -> dict[str, str]:
        """ElevenLabs' labels, by which voices are cast."""
        return {"accent": self.accent, "gender": self.gender, "language": "en", "use_case": self.use_case}


VOICES = (
    NeuralVoice(
        "af_heart", "Heart", "american", "female", "conversational",
        "d583ccff3cdca2f7fae535cb998ac07e9fcb90f09737b9a41fa2734ec44a8f0b",
    ),
    NeuralVoice(
        "am_michael", "Michael", "american", "male", "conversational",
        "1d1f21dd8da39c30705cd4c75d039d265e9bc4a2a93ed09bc9e1b1225eb95ba1",
    ),
    NeuralVoice(
        "bf_emma", "Emma", "british", "female", "narration",
        "669fe0647f9dd04fcab92f1439a40eeb4c8b4ab1f82e4996fe3d918ce4a63b73",
    ),
    NeuralVoice(
        "bm_george", "George", "british", "male", "narration",
        "c4b235a4c1f2cd3b939fed08b899ce9385638b763f7b73a59616c4fc9bd6c9bc",
    ),
    NeuralVoice(
        "af_bella", "Bella", "american", "female", "narration",
        "f69d836209b78eb8c66e75e3cda491e26ea838a3674257e9d4e5703cbaf55c8b",
    ),
    NeuralVoice(
        "am_puck", "Puck", "american", "male", "conversational",
        "fcf73c989033e9233e0b98713eca600c8c74dcc1614b37009d5450ff4a2274a0",
    ),
)  # fmt: skip

BY_ID = {voice.voice_id: voice for voice in VOICES}


@cache
def styles(voice: NeuralVoice) -> NDArray[np.float32]:
    """Returns the styles of a voice, one in a row.

    Raises:
        DamagedFileError: its file is not the one whose hash is known.
    """
    content = checked((FOLDER / f"{voice.voice_id}.bin").read_bytes(), voice.sha256, f"the voice {voice.voice_id}")
    return np.frombuffer(content, "<f4").reshape(STYLES, STYLE_LENGTH)


def checked(content: bytes, sha256: str, what: str) -> bytes:
    """Returns the content, if it is what it should be.

    Raises:
        DamagedFileError: it is not.
    """
    if hashlib.sha256(content).hexdigest() != sha256:
        raise DamagedFileError(f"The file of {what} is damaged. Install 'esl-pipeline[neural]' anew.")
    return content
