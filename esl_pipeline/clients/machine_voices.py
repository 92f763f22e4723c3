"""What engines that speak on this machine have in common: voices that never change, no quota, no history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.speech import Quota, SegmentRequest, Spoken, SpokenInput

Json = dict[str, Any]


class MachineVoices:
    """Those parts of the ``SpeechEngine`` Protocol that need no speaking.

    Args:
        name: of the engine; also its endpoint, since every machine speaks alike.
        listed: the voices by id, in the form of ``GET /v2/voices``.
    """

    def __init__(self, name: str, listed: Mapping[str, Json]) -> None:
        self._name, self._listed = name, listed

    @property
    def name(self) -> str:
        """See the Protocol."""
        return self._name

    @property
    def endpoint(self) -> str:
        """See the Protocol."""
        return self._name

    def list_voices(self) -> list[Json]:
        """Returns the voices, which are always the same."""
        return list(self._listed.values())

    def find_voices(self, voice_ids: Sequence[str]) -> list[Json]:
        """Returns those of the voices that there are."""
        return [voice for voice_id, voice in self._listed.items() if voice_id in voice_ids]

    def quota(self) -> Quota | None:
        """Returns None: it is boundless."""
        return None

    def recover(self, request: SegmentRequest, asked_at: datetime) -> Spoken | None:  # noqa: ARG002 none is kept
        """Returns None: what did not arrive cost nothing."""
        return None

    def _only_input(self, request: SegmentRequest) -> SpokenInput:
        """Returns what is to be said, in a voice that there is.

        Raises:
            RejectedError: there is none of this id.
        """
        (spoken,) = request.inputs
        if spoken.voice.id not in self._listed:
            fix = f"Choose one of {', '.join(self._listed)}."
            raise RejectedError(self._name, "unknown_voice", f"There is no voice “{spoken.voice.id}”.", fix=fix)
        return spoken
