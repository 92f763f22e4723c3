"""The HTTP side."""

from __future__ import annotations

import logging
import secrets
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, jsonify, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from esl_pipeline.clients.local_voice.speaking import Engine, SpeakingError
from esl_pipeline.sandbox.elevenlabs import listing
from esl_pipeline.sandbox.elevenlabs.account import Account, Limits
from esl_pipeline.sandbox.elevenlabs.faults import FaultError
from esl_pipeline.sandbox.elevenlabs.formats import DEFAULT_FORMAT, output_format
from esl_pipeline.sandbox.elevenlabs.generation import Studio
from esl_pipeline.sandbox.elevenlabs.models import MODELS
from esl_pipeline.sandbox.elevenlabs.speech_request import SpeechRequest, check
from esl_pipeline.sandbox.elevenlabs.subscription import subscription_json
from esl_pipeline.sandbox.voices import VOICES

INVALID_KEY = "invalid"
"""The one API key that is refused; any other is taken."""

logger = logging.getLogger(__name__)


def make_app(
    folder: Path, *, engine: Engine | None = None, character_limit: int = 1_000_000, max_concurrent: int = 5
) -> Flask:
    """Makes the server's application.

    Args:
        folder: keeps usage and history; its ``limits.json`` may set ``characters`` and ``concurrent`` at any time.
        engine: the local voice; None finds one when speech is first asked for.
        character_limit: credits of the account.
        max_concurrent: requests at a time; twice as many with fast models.
    """
    app = Flask(__name__)
    account = Account(folder, Limits(character_limit, max_concurrent))
    _add_guards(app)
    _add_lists(app, account)
    _add_speech(app, Studio(account, engine))
    return app


def _add_guards(app: Flask) -> None:
    @app.before_request
    def authenticate() -> None:
        g.request_id = secrets.token_hex(10)
        key = request.headers.get("xi-api-key")
        if not key:
            raise FaultError("missing_api_key", "No API key was received. Please provide the header xi-api-key.")
        if key == INVALID_KEY:
            raise FaultError("invalid_api_key", "Invalid API key.")

    @app.after_request
    def sign(response: Response) -> Response:
        response.headers["request-id"] = g.request_id
        return response

    @app.errorhandler(FaultError)
    def refuse(fault: FaultError) -> tuple[Response, int]:
        return jsonify(fault.body(g.request_id)), fault.http_status

    @app.errorhandler(HTTPException)
    def no_such_thing(error: HTTPException) -> tuple[Response, int]:
        return jsonify({"detail": error.name}), error.code or 500

    @app.errorhandler(ValidationError)
    def malformed(error: ValidationError) -> tuple[Response, int]:
        faults = [{"loc": ["body", *e["loc"]], "msg": e["msg"], "type": e["type"]} for e in error.errors()]
        return jsonify({"detail": faults}), 422

    @app.errorhandler(SpeakingError)
    def speechless(error: SpeakingError) -> tuple[Response, int]:
        logger.error("%s", error)
        fault = FaultError("internal_server_error", str(error))
        return jsonify(fault.body(g.request_id)), fault.http_status


def _add_lists(app: Flask, account: Account) -> None:
    @app.get("/v2/voices")
    def voice_page() -> dict[str, Any]:
        return listing.voice_page(request.args)

    @app.get("/v1/voices")
    def all_voices() -> dict[str, Any]:
        return {"voices": [listing.voice_json(voice) for voice in VOICES]}

    @app.get("/v1/voices/<voice_id>")
    def one_voice(voice_id: str) -> dict[str, Any]:
        return listing.voice_json(listing.voice(voice_id))

    @app.get("/v1/models")
    def models() -> Response:
        return jsonify([model.json() for model in MODELS.values()])

    @app.get("/v1/user/subscription")
    def subscription() -> dict[str, Any]:
        return subscription_json(account.used, account.limits.characters)

    @app.get("/v1/history")
    def history() -> dict[str, Any]:
        return listing.history_page(account.items(), request.args)

    @app.get("/v1/history/<history_item_id>/audio")
    def history_audio(history_item_id: str) -> Response:
        audio, content_type = account.audio(history_item_id)
        return Response(audio, content_type=content_type)


def _add_speech(app: Flask, studio: Studio) -> None:
    @app.post("/v1/text-to-speech/<voice_id>")
    def text_to_speech(voice_id: str) -> Response:
        form = output_format(request.args.get("output_format", DEFAULT_FORMAT))
        asked = SpeechRequest.model_validate_json(request.get_data())
        check(asked)
        if "optimize_streaming_latency" in request.args and not asked.model().takes_context:
            message = f"Model '{asked.model_id}' does not support optimize_streaming_latency."
            raise FaultError("unsupported_model", message, "optimize_streaming_latency")
        made = studio.generate(listing.voice(voice_id), asked, form, request_id=g.request_id)
        return Response(made.audio, content_type=form.container.content_type, headers=made.headers())
