"""The sandbox account's voices: the local ones, under ids like the vendor's."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from esl_pipeline.clients.local_voice.voices import VOICES as LOCAL_VOICES
from esl_pipeline.clients.local_voice.voices import LocalVoice


@dataclass(frozen=True)
class CatalogueVoice(LocalVoice):
    """A voice of the account."""

    @property
    def voice_id(self) -> str:
        """20 letters and digits, as the vendor's are; none of them is the vendor's."""
        return f"Sbx{hashlib.sha256(self.name.encode()).hexdigest()[:17]}"


VOICES = tuple(CatalogueVoice(**vars(voice)) for voice in LOCAL_VOICES)

BY_ID = {voice.voice_id: voice for voice in VOICES}
