"""One client per vendor: bytes and JSON, no lessons."""

from esl_pipeline.clients.elevenlabs import ElevenLabsClient
from esl_pipeline.clients.errors import RejectedError, UnavailableError, VendorError
from esl_pipeline.clients.notion import NotionClient
from esl_pipeline.clients.object_store import ObjectStore, s3_client
from esl_pipeline.clients.openai_speech import OpenAiSpeechClient
from esl_pipeline.clients.surroundings import Clock, Surroundings

__all__ = [
    "Clock",
    "ElevenLabsClient",
    "NotionClient",
    "ObjectStore",
    "OpenAiSpeechClient",
    "RejectedError",
    "Surroundings",
    "UnavailableError",
    "VendorError",
    "s3_client",
]
