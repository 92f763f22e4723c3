"""The speech engine ``local``: free, quick, the same bytes for the same words."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from esl_pipeline.clients.errors import RejectedError, UnavailableError
from esl_pipeline.clients.local_voice.resampling import resampled
from esl_pipeline.clients.local_voice.speaking import SpeakingError
from esl_pipeline.clients.local_voice.speaking_engines import MachineEngine, choose_engine
from esl_pipeline.clients.local_voice.voices import VOICES, LocalVoice
from esl_pipeline.clients.machine_voices import Json, MachineVoices
from esl_pipeline.speech import SegmentRequest, SpeechModel, Spoken

NAME = "local"
SAMPLE_RATE_HZ = 24_000
"""What all voices are brought to; each has another rate by itself."""

_BY_ID = {voice.voice_id: voice for voice in VOICES}


class LocalVoiceEngine(MachineVoices):
    """Speaks on this machine; may be used by several threads.

    Args:
        engine: None finds that of the machine when it is first needed.
    """

    def __init__(self, engine: MachineEngine | None = None) -> None:
        super().__init__(NAME, {voice.voice_id: _listed(voice) for voice in VOICES})
        self._given = engine

    def model(self, model_id: str | None) -> SpeechModel:  # noqa: ARG002 there is one
        """Returns what the machine's voice takes; there is one model, whichever is asked for."""
        return SpeechModel(
            self._engine.name,
            max_characters=3000,
            short_characters=0,
            heeds=frozenset({"speed"}),
            speeds=(0.5, 1.5),
            takes_seed=False,
            times_characters=False,
            credits_per_character=0,
            usd_per_1000_characters=0,
        )

    def synthesize(self, request: SegmentRequest) -> Spoken:
        """Speaks one text.

        Raises:
            RejectedError: the machine has no voice, or there is none of this id.
            UnavailableError: the engine failed, as it may on a busy machine.
        """
        spoken = self._only_input(request)
        manner = _BY_ID[spoken.voice.id].manner
        pace = manner.speed * request.options.get("speed", 1.0)
        try:
            heard = self._engine.speak(spoken.text, replace(manner, speed=pace))
        except SpeakingError as error:
            raise UnavailableError(NAME, "speaking_failed", str(error)) from error
        return Spoken(resampled(heard, SAMPLE_RATE_HZ), SAMPLE_RATE_HZ, character_cost=0)

    @cached_property
    def _engine(self) -> MachineEngine:
        if self._given:
            return self._given
        try:
            return choose_engine()
        except SpeakingError as error:
            raise RejectedError(NAME, "no_voice", str(error)) from error


def _listed(voice: LocalVoice) -> Json:
    return {
        "voice_id": voice.voice_id,
        "name": voice.name,
        "category": "local",
        "labels": voice.labels,
        "description": voice.description,
    }
