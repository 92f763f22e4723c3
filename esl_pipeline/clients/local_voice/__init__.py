"""Real speech without network and account: of a small engine that pip installs whole, or of macOS."""

from esl_pipeline.clients.local_voice.engine import LocalVoiceEngine

__all__ = ["LocalVoiceEngine"]
