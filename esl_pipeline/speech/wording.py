"""From what is written to what is sent: cleaned, and pronounced as the tenant wants."""

from __future__ import annotations

from functools import cache

from esl_pipeline.manifests.settings import SpeechSettings
from esl_pipeline.speech.cleaning import clean_for_speech
from esl_pipeline.speech.models import SpeechModel
from esl_pipeline.speech.pronunciations import Pronunciations
from esl_pipeline.speech.splitting import Say


def wording(settings: SpeechSettings, model: SpeechModel) -> Say:
    """Returns what makes the text that ``model`` is sent; empty where there is nothing to say."""
    pronunciations = Pronunciations(settings.pronunciations)

    @cache
    def say(written: str) -> str:
        return pronunciations.applied(clean_for_speech(written, model))

    return say
