"""The sandbox account's voices: one engine in ten manners that can be told apart by ear."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from esl_pipeline.sandbox.speaking import Manner


@dataclass(frozen=True)
class CatalogueVoice:
    """One voice.

    Attributes:
        name: as the account lists it.
        manner: how the local engine imitates it.
        age: ``young``, ``middle_aged`` or ``old``.
        use_case: what the vendor would recommend it for, such as ``conversational``.
        descriptive: one word for its character.
        description: one sentence for people.
    """

    name: str
    manner: Manner
    age: str
    use_case: str
    descriptive: str
    description: str

    @property
    def voice_id(self) -> str:
        """20 letters and digits, as the vendor's are; none of them is the vendor's."""
        return f"Sbx{hashlib.sha256(self.name.encode()).hexdigest()[:17]}"

    @property
    def labels(self) -> dict[str, str]:
        """The vendor's labels, by which voices are cast."""
        return {
            "accent": self.manner.accent,
            "descriptive": self.descriptive,
            "age": self.age,
            "gender": self.manner.gender,
            "language": "en",
            "use_case": self.use_case,
        }


VOICES: tuple[CatalogueVoice, ...] = (
    CatalogueVoice(
        "Sarah", Manner("american", "female", 1.12, 1.0, 1.03), "young", "conversational", "friendly",
        "A young American woman in an everyday talk.",
    ),
    CatalogueVoice(
        "Liam", Manner("american", "male", 0.72, 1.03, 0.93), "young", "conversational", "confident",
        "A young American man in an everyday talk.",
    ),
    CatalogueVoice(
        "Alice", Manner("british", "female", 1.0, 0.97, 1.0), "middle_aged", "narration", "professional",
        "A British woman who reads clearly.",
    ),
    CatalogueVoice(
        "George", Manner("british", "male", 0.58, 0.93, 0.88), "middle_aged", "narration", "mature",
        "A British man who reads stories.",
    ),
    CatalogueVoice(
        "Matilda", Manner("american", "female", 0.9, 0.95, 0.97), "middle_aged", "narration", "calm",
        "An American woman who reads calmly.",
    ),
    CatalogueVoice(
        "Brian", Manner("american", "male", 0.56, 0.92, 0.86), "middle_aged", "narration", "deep",
        "An American man with a deep voice who reads slowly.",
    ),
    CatalogueVoice(
        "Lily", Manner("british", "female", 1.2, 1.0, 1.07), "young", "conversational", "warm",
        "A young British woman in an everyday talk.",
    ),
    CatalogueVoice(
        "Daniel", Manner("british", "male", 0.7, 1.0, 0.94), "young", "conversational", "practical",
        "A young British man in an everyday talk.",
    ),
    CatalogueVoice(
        "Laura", Manner("american", "female", 1.3, 1.05, 1.1), "young", "social_media", "energetic",
        "A lively young American woman.",
    ),
    CatalogueVoice(
        "Chris", Manner("american", "male", 0.63, 1.0, 0.9), "middle_aged", "conversational", "casual",
        "An American man in an everyday talk.",
    ),
    CatalogueVoice(
        "River", Manner("american", "neutral", 0.81, 0.97, 0.95), "middle_aged", "conversational", "calm",
        "A calm American voice, neither woman nor man.",
    ),
    CatalogueVoice(
        "Margaret", Manner("british", "female", 0.86, 0.9, 0.95), "old", "informative_educational", "thoughtful",
        "An elderly British woman who explains.",
    ),
)  # fmt: skip

BY_ID = {voice.voice_id: voice for voice in VOICES}
