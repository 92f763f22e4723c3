"""The HTTP side."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from esl_pipeline.clients.local_voice.speaking import Engine, SpeakingError
from esl_pipeline.clients.local_voice.speaking_engines import choose_engine
from esl_pipeline.sandbox.delays import speech_delay
from esl_pipeline.sandbox.elevenlabs.account import Account, Limits
from esl_pipeline.sandbox.elevenlabs.faults import FaultError
from esl_pipeline.sandbox.elevenlabs.formats import CONTAINERS, Container, OutputFormat, encode
from esl_pipeline.sandbox.elevenlabs.in_flight import InFlight
from esl_pipeline.sandbox.openai import refusals
from esl_pipeline.sandbox.openai.refusals import RefusedError
from esl_pipeline.sandbox.openai.speech_request import VOICES, SpeechRequest, read
from esl_pipeline.sandbox.voices import VOICES as CATALOGUE

INVALID_KEY = "invalid"
"""The one API key that is refused; any other is taken."""

RATE_HZ = 24_000
FORMATS = {
    "mp3": OutputFormat("mp3", CONTAINERS["mp3"], RATE_HZ, 160),
    "opus": OutputFormat("opus", CONTAINERS["opus"], 48_000, 64),
    "aac": OutputFormat("aac", Container("adts", "aac", "audio/aac"), RATE_HZ, 128),
    "flac": OutputFormat("flac", Container("flac", "flac", "audio/flac"), RATE_HZ),
    "wav": OutputFormat("wav", CONTAINERS["wav"], RATE_HZ),
    "pcm": OutputFormat("pcm", CONTAINERS["pcm"], RATE_HZ),
}
"""PCM is 16 bit and has no header."""

NAMED = {voice.name: voice for voice in CATALOGUE}

logger = logging.getLogger(__name__)


def make_app(
    folder: Path, *, engine: Engine | None = None, character_limit: int = 1_000_000, max_concurrent: int = 5
) -> Flask:
    """Makes the server's application.

    Args:
        folder: keeps what was used; its ``limits.json`` may change the account at any time, see AccountChanges.
        engine: the local voice; None finds one when speech is first asked for.
        character_limit: what the account can pay.
        max_concurrent: requests at a time.
    """
    app = Flask(__name__)
    account, in_flight = Account(folder, Limits(character_limit, max_concurrent)), InFlight()
    find_engine = cache(lambda: engine or choose_engine())
    _add_guards(app)

    @app.post("/v1/audio/speech")
    def speech() -> Response:
        asked = read(request.get_data())
        form = FORMATS[asked.response_format]
        with in_flight.place(request.headers["Authorization"], account.limits.concurrent):
            account.bill(len(asked.input))
            speech_delay(request.environ)()
            return Response(_speak(asked, form, find_engine), content_type=form.container.content_type)

    return app


def _speak(asked: SpeechRequest, form: OutputFormat, find_engine: Callable[[], Engine]) -> bytes:
    manner = NAMED[VOICES[asked.voice]].manner
    speed = asked.speed if asked.is_older else 1.0
    return encode(find_engine().speak(asked.input, replace(manner, speed=manner.speed * speed)), form)


def _add_guards(app: Flask) -> None:
    @app.before_request
    def authenticate() -> None:
        kind, _, key = request.headers.get("Authorization", "").partition(" ")
        if kind != "Bearer" or not key.strip():
            raise refusals.no_key()
        if key == INVALID_KEY:
            raise refusals.wrong_key()
        g.request_id = f"req_{secrets.token_hex(16)}"

    @app.after_request
    def sign(response: Response) -> Response:
        response.headers["x-request-id"] = g.get("request_id") or f"req_{secrets.token_hex(16)}"
        return response

    @app.errorhandler(RefusedError)
    def refuse(refused: RefusedError) -> tuple[Response, int]:
        return jsonify(refused.body()), refused.http_status

    @app.errorhandler(FaultError)
    def account_refuses(fault: FaultError) -> tuple[Response, int]:
        return refuse(refusals.no_quota() if fault.code == "quota_exceeded" else refusals.too_many())

    @app.errorhandler(HTTPException)
    def no_such_thing(error: HTTPException) -> tuple[Response, int]:
        message = f"Invalid URL ({request.method} {request.path})"
        return refuse(RefusedError(error.code or 500, message))

    @app.errorhandler(SpeakingError)
    def speechless(error: SpeakingError) -> tuple[Response, int]:
        logger.error("%s", error)
        return refuse(refusals.broken())
