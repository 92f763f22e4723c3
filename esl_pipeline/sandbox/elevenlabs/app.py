"""The HTTP side."""

from __future__ import annotations

import base64
import logging
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, jsonify, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from esl_pipeline.clients.local_voice.speaking import Engine, SpeakingError
from esl_pipeline.sandbox.delays import speech_delay
from esl_pipeline.sandbox.elevenlabs import listing
from esl_pipeline.sandbox.elevenlabs.account import Account, Limits, Scope
from esl_pipeline.sandbox.elevenlabs.dialogue_request import DialogueRequest, check_dialogue
from esl_pipeline.sandbox.elevenlabs.faults import FaultError
from esl_pipeline.sandbox.elevenlabs.formats import DEFAULT_FORMAT, OutputFormat, output_format
from esl_pipeline.sandbox.elevenlabs.generation import Generation, Studio
from esl_pipeline.sandbox.elevenlabs.models import MODELS
from esl_pipeline.sandbox.elevenlabs.orders import Line, Order
from esl_pipeline.sandbox.elevenlabs.speech_request import SpeechRequest, check
from esl_pipeline.sandbox.elevenlabs.subscription import subscription_json
from esl_pipeline.sandbox.voices import CatalogueVoice

SCOPES: dict[str, Scope] = {
    "/v1/text-to-": "text_to_speech",
    "/v1/voices": "voices_read",
    "/v2/voices": "voices_read",
    "/v1/models": "models_read",
    "/v1/user": "user_read",
    "/v1/history": "speech_history_read",
}
"""What a key must be allowed to do for the addresses that begin so."""

INVALID_KEY = "invalid"
"""The one API key that is refused; any other is taken."""

logger = logging.getLogger(__name__)


def make_app(
    folder: Path, *, engine: Engine | None = None, character_limit: int = 1_000_000, max_concurrent: int = 5
) -> Flask:
    """Makes the server's application.

    Args:
        folder: keeps usage and history; its ``limits.json`` may change the account at any time, see AccountChanges.
        engine: the local voice; None finds one when speech is first asked for.
        character_limit: credits of the account.
        max_concurrent: requests at a time; twice as many with fast models.
    """
    app = Flask(__name__)
    account = Account(folder, Limits(character_limit, max_concurrent))
    _add_guards(app, account)
    _add_lists(app, account)
    _add_history(app, account)
    _add_speech(app, account, Studio(account, engine))
    return app


def _add_guards(app: Flask, account: Account) -> None:
    @app.before_request
    def authenticate() -> None:
        g.request_id = secrets.token_hex(10)
        key = request.headers.get("xi-api-key")
        if not key:
            raise FaultError("missing_api_key", "No API key was received. Please provide the header xi-api-key.")
        if key == INVALID_KEY:
            raise FaultError("invalid_api_key", "Invalid API key.")
        scope = _scope(request.path)
        if scope in account.changes.missing_scopes:
            message = f"The API key you used is missing the permission {scope} to execute this operation."
            raise FaultError("missing_permissions", message)

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


def _scope(path: str) -> Scope | None:
    return next((scope for begin, scope in SCOPES.items() if path.startswith(begin)), None)


def _voices(account: Account) -> list[CatalogueVoice]:
    return listing.voices_left(account.changes.withdrawn_voices)


def _add_lists(app: Flask, account: Account) -> None:
    @app.get("/v2/voices")
    def voice_page() -> dict[str, Any]:
        return listing.voice_page(_voices(account), request.args)

    @app.get("/v1/voices")
    def all_voices() -> dict[str, Any]:
        return {"voices": [listing.voice_json(voice) for voice in _voices(account)]}

    @app.get("/v1/voices/<voice_id>")
    def one_voice(voice_id: str) -> dict[str, Any]:
        return listing.voice_json(listing.voice(voice_id, _voices(account)))

    @app.get("/v1/models")
    def models() -> Response:
        return jsonify([model.json() for model in MODELS.values()])

    @app.get("/v1/user/subscription")
    def subscription() -> dict[str, Any]:
        return subscription_json(account.used, account.limits.characters, len(_voices(account)))


def _add_history(app: Flask, account: Account) -> None:
    @app.get("/v1/history")
    def history() -> dict[str, Any]:
        return listing.history_page(account.items(), request.args)

    @app.get("/v1/history/<history_item_id>")
    def history_item(history_item_id: str) -> dict[str, Any]:
        return account.item(history_item_id)

    @app.get("/v1/history/<history_item_id>/audio")
    def history_audio(history_item_id: str) -> Response:
        audio, content_type = account.audio(history_item_id)
        return Response(audio, content_type=content_type)


def _add_speech(app: Flask, account: Account, studio: Studio) -> None:
    def generate(order: Order, form: OutputFormat, *, timed: bool) -> Generation:
        return studio.generate(
            order,
            form,
            key=request.headers["xi-api-key"],
            request_id=g.request_id,
            timed=timed,
            delay=speech_delay(request.environ),
        )

    @app.post("/v1/text-to-speech/<voice_id>", defaults={"timed": False})
    @app.post("/v1/text-to-speech/<voice_id>/with-timestamps", defaults={"timed": True})
    def text_to_speech(voice_id: str, *, timed: bool) -> Response:
        form = output_format(request.args.get("output_format", DEFAULT_FORMAT))
        order = _speech_order(voice_id, _voices(account))
        made = generate(order, form, timed=timed)
        return _timed(made, {}) if timed else _audio(made, form)

    @app.post("/v1/text-to-dialogue", defaults={"timed": False})
    @app.post("/v1/text-to-dialogue/with-timestamps", defaults={"timed": True})
    def text_to_dialogue(*, timed: bool) -> Response:
        form = output_format(request.args.get("output_format", DEFAULT_FORMAT))
        made = generate(_dialogue_order(_voices(account)), form, timed=timed)
        return _timed(made, {"voice_segments": made.performance.voice_segments()}) if timed else _audio(made, form)


def _speech_order(voice_id: str, voices: Sequence[CatalogueVoice]) -> Order:
    asked = SpeechRequest.model_validate_json(request.get_data())
    check(asked)
    if "optimize_streaming_latency" in request.args and not asked.model().takes_context:
        message = f"Model '{asked.model_id}' does not support optimize_streaming_latency."
        raise FaultError("unsupported_model", message, "optimize_streaming_latency")
    line = Line(listing.voice(voice_id, voices), asked.text)
    settings = asked.voice_settings
    return Order((line,), asked.model(), settings.model_dump(exclude_none=True) if settings else None, asked.speed)


def _dialogue_order(voices: Sequence[CatalogueVoice]) -> Order:
    asked = DialogueRequest.model_validate_json(request.get_data())
    check_dialogue(asked)
    lines = tuple(Line(listing.voice(one.voice_id, voices), one.text) for one in asked.inputs)
    settings = asked.settings.model_dump(exclude_none=True) if asked.settings else None
    return Order(lines, asked.model(), settings, dialogue=True)


def _audio(made: Generation, form: OutputFormat) -> Response:
    return Response(made.audio, content_type=form.container.content_type, headers=made.headers())


def _timed(made: Generation, more: dict[str, Any]) -> Response:
    answer = jsonify({"audio_base64": base64.b64encode(made.audio).decode(), **made.performance.timings, **more})
    answer.headers.update(made.headers())
    return answer
