"""The local voices: one engine in twelve manners that can be told apart by ear."""

from __future__ import annotations

from dataclasses import dataclass

from esl_pipeline.clients.local_voice.speaking import Manner


@dataclass(frozen=True)
class LocalVoice:
    """One voice.

    Attributes:
        name: as it is listed.
        manner: how the engine imitates it.
        age: ``young``, ``middle_aged`` or ``old``.
        use_case: what it is good for, such as ``conversational``.
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
        """The name in small letters."""
        return self.name.lower()

    @property
    def labels(self) -> dict[str, str]:
        """ElevenLabs' labels, by which voices are cast."""
        return {
            "accent": self.manner.accent,
            "descriptive": self.descriptive,
            "age": self.age,
            "gender": self.manner.gender,
            "language": "en",
            "use_case": self.use_case,
        }


VOICES: tuple[LocalVoice, ...] = (
    LocalVoice(
        "Sarah", Manner("american", "female", 1.12, 1.0, 1.03), "young", "conversational", "friendly",
        "A young American woman in an everyday talk.",
    ),
    LocalVoice(
        "Liam", Manner("american", "male", 0.72, 1.03, 0.93), "young", "conversational", "confident",
        "A young American man in an everyday talk.",
    ),
    LocalVoice(
        "Alice", Manner("british", "female", 1.0, 0.97, 1.0), "middle_aged", "narration", "professional",
        "A British woman who reads clearly.",
    ),
    LocalVoice(
        "George", Manner("british", "male", 0.58, 0.93, 0.88), "middle_aged", "narration", "mature",
        "A British man who reads stories.",
    ),
    LocalVoice(
        "Matilda", Manner("american", "female", 0.9, 0.95, 0.97), "middle_aged", "narration", "calm",
        "An American woman who reads calmly.",
    ),
    LocalVoice(
        "Brian", Manner("american", "male", 0.56, 0.92, 0.86), "middle_aged", "narration", "deep",
        "An American man with a deep voice who reads slowly.",
    ),
    LocalVoice(
        "Lily", Manner("british", "female", 1.2, 1.0, 1.07), "young", "conversational", "warm",
        "A young British woman in an everyday talk.",
    ),
    LocalVoice(
        "Daniel", Manner("british", "male", 0.7, 1.0, 0.94), "young", "conversational", "practical",
        "A young British man in an everyday talk.",
    ),
    LocalVoice(
        "Laura", Manner("american", "female", 1.3, 1.05, 1.1), "young", "social_media", "energetic",
        "A lively young American woman.",
    ),
    LocalVoice(
        "Chris", Manner("american", "male", 0.63, 1.0, 0.9), "middle_aged", "conversational", "casual",
        "An American man in an everyday talk.",
    ),
    LocalVoice(
        "River", Manner("american", "neutral", 0.81, 0.97, 0.95), "middle_aged", "conversational", "calm",
        "A calm American voice, neither woman nor man.",
    ),
    LocalVoice(
        "Margaret", Manner("british", "female", 0.86, 0.9, 0.95), "old", "informative_educational", "thoughtful",
        "An elderly British woman who explains.",
    ),
)  # fmt: skip
