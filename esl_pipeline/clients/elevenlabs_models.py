"""What each speech model of ElevenLabs takes.

**Source**: see ``esl_pipeline.speech.models``.
"""

from __future__ import annotations

from esl_pipeline.speech.models import ALL_SETTINGS, SpeechModel

DEFAULT_MODEL = "eleven_multilingual_v2"
_NEWER = ALL_SETTINGS - {"style", "use_speaker_boost", "speed"}
"""What the third and fourth generation heed; they ignore the rest."""


def _flash(model_id: str, max_characters: int, *, language: bool) -> SpeechModel:
    return SpeechModel(
        model_id,
        max_characters,
        takes_language_code=language,
        takes_context=True,
        spells_out=not language,
        credits_per_character=0.5,
        usd_per_1000_characters=0.04,
    )


MODELS = {
    model.id: model
    for model in (
        SpeechModel(DEFAULT_MODEL, 10_000, takes_context=True),
        _flash("eleven_flash_v2_5", 40_000, language=True),
        _flash("eleven_flash_v2", 30_000, language=False),
        _flash("eleven_turbo_v2_5", 40_000, language=True),
        _flash("eleven_turbo_v2", 30_000, language=False),
        SpeechModel(
            "eleven_v3",
            5_000,
            short_characters=250,
            heeds=_NEWER,
            takes_language_code=True,
            performs_brackets=True,
            stability_steps=True,
            dialogue_characters=1_500,
        ),
        SpeechModel(
            "eleven_v4",
            10_000,
            heeds=_NEWER,
            takes_language_code=True,
            takes_context=True,
            performs_brackets=True,
            dialogue_characters=1_500,
        ),
    )
}


def elevenlabs_model(model_id: str | None) -> SpeechModel:
    """Returns what is known of a model; one that is too new to be known gets careful guesses.

    The pace is not among what it is thought to heed: the third and fourth generation take it and speak as before.
    """
    wanted = model_id or DEFAULT_MODEL
    return MODELS.get(wanted) or SpeechModel(wanted, heeds=_NEWER)
