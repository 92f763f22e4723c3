"""What each speech model takes, and what it costs.

**Source**: ElevenLabs' OpenAPI document of 2026-09-23 and https://elevenlabs.io/docs/overview/models, both read
2026-11-23; what a model ignores or refuses was reported by live probes between August and October 2026; prices of
elevenlabs.io/pricing/api, October 2026.
"""

from __future__ import annotations

from dataclasses import dataclass

ALL_SETTINGS = frozenset({"stability", "similarity_boost", "style", "use_speaker_boost", "speed"})


@dataclass(frozen=True, slots=True)
class SpeechModel:
    """One model; the defaults are for a model that nothing is known of: send little, expect little.

    Attributes:
        max_characters: longest text of one request.
        good_characters: longest text that is spoken evenly; longer turns are cut at sentences.
        short_characters: shorter texts sound unsteady; paragraphs are joined up to here.
        heeds: names of the voice settings that have an effect; the others are neither sent nor part of a key.
        speeds: slowest and fastest pace, where ``speed`` is heeded.
        takes_language_code: whether ``language_code`` has an effect and is not refused.
        takes_context: whether previous and next text are taken; others answer 400 ``unsupported_model``.
        takes_seed: whether a seed makes repeated requests alike.
        performs_brackets: whether ``[laughs]`` is acted; others read it aloud.
        stability_steps: whether stability must be 0, 0.5 or 1; others answer 400 ``invalid_ttd_stability``.
        spells_out: whether numbers, times, prices and units are said as a person would without our help.
        times_characters: whether it can tell when each character is heard.
        dialogue_characters: longest dialogue of one request, all voices together; 0 where it speaks none.
        credits_per_character: what the vendor bills, for estimates.
        usd_per_1000_characters: list price; 0 for what is free.
    """

    id: str
    max_characters: int = 2000
    good_characters: int = 1200
    short_characters: int = 100
    heeds: frozenset[str] = ALL_SETTINGS
    speeds: tuple[float, float] = (0.7, 1.2)
    takes_language_code: bool = False
    takes_context: bool = False
    takes_seed: bool = True
    performs_brackets: bool = False
    stability_steps: bool = False
    spells_out: bool = True
    times_characters: bool = True
    dialogue_characters: int = 0
    credits_per_character: float = 1.0
    usd_per_1000_characters: float = 0.08
