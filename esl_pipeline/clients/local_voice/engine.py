"""The speech engine ``local``: free, quick, the same bytes for the same words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any

from esl_pipeline.clients.errors import RejectedError, UnavailableError
from esl_pipeline.clients.local_voice.resampling import resampled
from esl_pipeline.clients.local_voice.speaking import SpeakingError
from esl_pipeline.clients.local_voice.speaking_engines import MachineEngine, choose_engine
from esl_pipeline.clients.local_voice.voices import VOICES, LocalVoice
from esl_pipeline.speech import Quota, SegmentRequest, SpeechModel, Spoken

Json = dict[str, Any]

NAME = "local"
SAMPLE_RATE_HZ = 24_000
"""What all voices are brought to; each has another rate by itself."""

_BY_ID = {voice.voice_id: voice for voice in VOICES}


class LocalVoiceEngine:
    """Speaks on this machine; may be used by several threads.

    Args:
        engine: None finds that of the machine when it is first needed.
    """

    def __init__(self, engine: MachineEngine | None = None) -> None:
        self._given = engine

    @property
    def name(self) -> str:
        """See the Protocol."""
        return NAME

    @property
    def endpoint(self) -> str:
        """See the Protocol."""
        return NAME

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

    def list_voices(self) -> list[Json]:
        """Returns the voices, which are always the same."""
        return [_listed(voice) for voice in VOICES]

    def find_voices(self, voice_ids: Sequence[str]) -> list[Json]:
        """Returns those of the voices that there are."""
        return [_listed(voice) for voice in VOICES if voice.voice_id in voice_ids]

    def quota(self) -> Quota | None:
        """Returns None: it is boundless."""
        return None

    def synthesize(self, request: SegmentRequest) -> Spoken:
        """Speaks one text.

        Raises:
            RejectedError: the machine has no voice, or there is none of this id.
            UnavailableError: the engine failed, as it may on a busy machine.
        """
        (spoken,) = request.inputs
        if spoken.voice.id not in _BY_ID:
            fix = f"Choose one of {', '.join(_BY_ID)}."
            raise RejectedError(NAME, "unknown_voice", f"There is no voice “{spoken.voice.id}”.", fix=fix)
        manner = _BY_ID[spoken.voice.id].manner
        pace = manner.speed * request.options.get("speed", 1.0)
        try:
            heard = self._engine.speak(spoken.text, replace(manner, speed=pace))
        except SpeakingError as error:
            raise UnavailableError(NAME, "speaking_failed", str(error)) from error
        return Spoken(resampled(heard, SAMPLE_RATE_HZ), SAMPLE_RATE_HZ, character_cost=0)

    def recover(self, request: SegmentRequest, asked_at: datetime) -> Spoken | None:  # noqa: ARG002 none is kept
        """Returns None: what did not arrive cost nothing."""
        return None

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
