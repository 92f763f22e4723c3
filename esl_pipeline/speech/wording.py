"""From what is written to what is sent: cleaned, pronounced as the tenant wants, numbers in words."""

from __future__ import annotations

from functools import cache

from esl_pipeline.manifests.settings import SpeechSettings
from esl_pipeline.speech.cleaning import clean_for_speech
from esl_pipeline.speech.models import SpeechModel
from esl_pipeline.speech.pronunciations import Pronunciations
from esl_pipeline.speech.spelling import spell_out
from esl_pipeline.speech.splitting import Say

DEFAULT_LANGUAGE = "en"


def wording(settings: SpeechSettings, model: SpeechModel) -> Say:
    """Returns what makes the text that ``model`` is sent; empty where there is nothing to say."""
    pronunciations = Pronunciations(settings.pronunciations)
    language = settings.language_code or DEFAULT_LANGUAGE

    @cache
    def say(written: str) -> str:
        text = pronunciations.applied(clean_for_speech(written, model))
        return text if model.spells_out else "\n".join(spell_out(line, language) for line in text.split("\n"))

    return say
