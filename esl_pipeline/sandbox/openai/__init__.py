"""A stand-in of OpenAI's text to speech over HTTP, with real speech."""

from esl_pipeline.sandbox.openai.app import make_app

__all__ = ["make_app"]
