"""Speech without network and account that sounds like people: Kokoro, an optional extra."""

from esl_pipeline.clients.neural_voice.engine import NeuralVoiceEngine

__all__ = ["NeuralVoiceEngine"]
