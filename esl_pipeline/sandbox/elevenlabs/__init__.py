"""A stand-in of ElevenLabs: its voices, text to speech, quota and history over HTTP, with real speech."""

from esl_pipeline.sandbox.elevenlabs.app import make_app

__all__ = ["make_app"]
