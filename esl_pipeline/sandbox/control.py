"""The control API, ``/_sandbox/…``, beside the viewer: log, traffic, delays, limits, accounts, faults, human edits."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from werkzeug.wrappers import Request, Response

from esl_pipeline.sandbox.delays import Delays
from esl_pipeline.sandbox.elevenlabs.account import AccountChanges, change
from esl_pipeline.sandbox.fault_rules import FaultRule
from esl_pipeline.sandbox.notion.rate_windows import RateLimits
from esl_pipeline.sandbox.notion.refusals import Refusal
from esl_pipeline.sandbox.notion.workspace import Workspace
from esl_pipeline.sandbox.traffic import WINDOW_S
from esl_pipeline.sandbox.watched import Controls

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PREFIX = "/_sandbox/"
OPENAI = "/openai"
OWN_NAMES = frozenset({"127.0.0.1", "localhost"})
_RULES: TypeAdapter[list[FaultRule]] = TypeAdapter(list[FaultRule])


class _Counting(BaseModel):
    """How traffic is counted from now on."""

    model_config = ConfigDict(extra="forbid")

    window_s: float = Field(WINDOW_S, gt=0, le=3600)


class Control:
    """A WSGI application in front of the viewer.

    Args:
        viewer: answers all other paths.
        openai: answers the paths below ``/openai``.
        identity: what ``/_sandbox/health`` says.
        accounts: folder of each speech vendor's account, which can be changed.
    """

    def __init__(
        self,
        viewer: WSGIApplication,
        openai: WSGIApplication,
        controls: Controls,
        workspace: Workspace,
        identity: Mapping[str, Any],
        accounts: Mapping[str, Path],
    ) -> None:
        self._viewer, self._openai = viewer, openai
        self._controls, self._workspace, self._identity = controls, workspace, identity
        self._routes: Mapping[tuple[str, str], Callable[[Any], object]] = {
            ("GET", "health"): lambda _: self._identity,
            ("GET", "requests"): lambda _: [entry.as_json() for entry in controls.log.entries()],
            ("DELETE", "requests"): lambda _: controls.log.clear(),
            ("POST", "delays"): self._set_delays,
            ("POST", "limits"): lambda body: controls.windows.set(RateLimits.model_validate(body)),
            ("GET", "traffic"): lambda _: controls.traffic.as_json(),
            ("POST", "traffic"): lambda body: controls.traffic.clear(_Counting.model_validate(body).window_s),
            ("POST", "faults"): lambda body: controls.faults.add(_RULES.validate_python(body)),
            ("DELETE", "faults"): lambda _: controls.faults.clear(),
            ("POST", "notion/edit"): workspace.edit,
        } | {("POST", vendor): partial(_change_account, folder) for vendor, folder in accounts.items()}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answers one request."""
        path = environ.get("PATH_INFO", "")
        if path.startswith(f"{OPENAI}/"):
            environ["SCRIPT_NAME"], environ["PATH_INFO"] = OPENAI, path.removeprefix(OPENAI)
            return self._openai(environ, start_response)
        if not path.startswith(PREFIX):
            return self._viewer(environ, start_response)
        return self._answer(Request(environ))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        # A web page that is open in the same browser must not be able to inject faults, or worse.
        own = request.host.rsplit(":", 1)[0] in OWN_NAMES
        if not own or request.headers.get("Origin", request.host_url.rstrip("/")) != request.host_url.rstrip("/"):
            return _error(403, "Only programs on this machine may ask.")
        handler = self._routes.get((request.method, request.path.removeprefix(PREFIX)))
        if handler is None:
            return _error(404, f"There is no {request.method} {request.path}.")
        if request.method == "POST" and request.mimetype != "application/json":
            return _error(415, "Send JSON, with the content type application/json.")
        try:
            return _json(handler(json.loads(request.get_data() or b"null")), 200)
        except ValidationError as error:
            return _error(400, str(error))
        except Refusal as refusal:
            return _error(refusal.status, refusal.message)
        except (ValueError, TypeError) as error:
            return _error(400, str(error))

    def _set_delays(self, body: Any) -> None:
        names = {member.name for member in dataclasses.fields(Delays)}
        if not isinstance(body, dict) or not set(body) <= names:
            raise ValueError(f"delays are an object with some of {', '.join(sorted(names))}")
        seconds = {name: float(value) for name, value in body.items()}
        if any(value < 0 for value in seconds.values()):
            raise ValueError("delays are 0 or more seconds")
        self._controls.delays = Delays(**seconds)


def _change_account(folder: Path, body: Any) -> None:
    change(folder, AccountChanges.model_validate_json(json.dumps(body)))


def _error(status: int, message: str) -> Response:
    return _json({"error": message}, status)


def _json(body: object, status: int) -> Response:
    return Response(json.dumps(body, ensure_ascii=False, default=dict), status, content_type="application/json")
