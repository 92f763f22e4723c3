"""The sandbox itself: four servers on loopback over one folder; the first has the viewer, the controls and OpenAI."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from socket import socket
from threading import Event
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import unquote, urlsplit

from filelock import Timeout

from esl_pipeline.sandbox.launcher import SandboxAddresses, SandboxError, SandboxFolder

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from esl_pipeline.sandbox.watched import Controls

SERVERS = 4
HIGHEST_PORT = 65_535


class RunningSandbox:
    """A sandbox in threads of this process.

    Args:
        home: ESL_HOME; its folder ``sandbox`` is used.
        ports: of viewer, Notion, ElevenLabs and S3; 0 for any free one.

    Raises:
        SandboxError: a port is taken, or the folder is in use by another sandbox.
    """

    addresses: SandboxAddresses
    controls: Controls

    def __init__(self, home: Path, ports: Sequence[int]) -> None:
        # What serves is imported here: whoever only looks for a sandbox needs none of it.
        from esl_pipeline.sandbox.listening import bind, url_of
        from esl_pipeline.sandbox.watched import Controls

        self._folder = SandboxFolder(home.resolve())
        self._running = self._folder.running()
        try:
            self._running.acquire(timeout=0)
        except Timeout as error:
            raise SandboxError(
                f"A sandbox is running already in {home}. Use it, or stop it with `esl sandbox stop`."
            ) from error
        try:
            sockets = bind(ports)
        except BaseException:
            self._running.release()
            raise
        self.controls = Controls()
        base_port = sockets[0].getsockname()[1]
        viewer, notion, elevenlabs, s3 = (url_of(listener) for listener in sockets)
        self.addresses = SandboxAddresses(base_port, viewer, notion, elevenlabs, s3, started=True)
        self._open(sockets)

    def _open(self, sockets: Sequence[socket]) -> None:
        from esl_pipeline.sandbox.control import Control
        from esl_pipeline.sandbox.elevenlabs import make_app
        from esl_pipeline.sandbox.listening import Listener
        from esl_pipeline.sandbox.notion.rate_windows import RateLimited
        from esl_pipeline.sandbox.notion.workspace import Workspace
        from esl_pipeline.sandbox.openai import make_app as make_openai
        from esl_pipeline.sandbox.s3 import S3App
        from esl_pipeline.sandbox.viewer import make_viewer
        from esl_pipeline.sandbox.watched import Watched

        folder, controls = self._folder.path, self.controls
        self._s3 = S3App(folder / "s3")
        self._workspace = Workspace(folder / "notion", self.addresses.viewer_url)
        identity = {
            "home": str(self._folder.home),
            "pid": os.getpid(),
            "addresses": {**asdict(self.addresses), "started": False},
        }
        viewer = make_viewer(self._workspace, controls.log, self._uploaded)
        accounts = {vendor: folder / vendor for vendor in ("elevenlabs", "openai")}
        openai = Watched(make_openai(accounts["openai"]), "openai", controls)
        apps: list[WSGIApplication] = [
            Control(viewer, openai, controls, self._workspace, identity, accounts),
            Watched(RateLimited(self._workspace.app, controls.windows), "notion", controls),
            Watched(make_app(accounts["elevenlabs"]), "elevenlabs", controls),
            Watched(self._s3, "s3", controls),
        ]
        self._listeners = [Listener(listener, app) for listener, app in zip(sockets, apps, strict=True)]

    def _uploaded(self, url: str) -> bytes | None:
        """Returns what is stored under an address, None where it is not one of this sandbox's own."""
        parts, root = urlsplit(url), f"/{self.addresses.bucket}/"
        if f"{parts.scheme}://{parts.netloc}" != self.addresses.s3_url or not parts.path.startswith(root):
            return None
        return self._s3.read(unquote(parts.path.removeprefix(root)))

    def stop(self) -> None:
        """Ends all servers; what was stored stays on disk. Stopping twice does no harm."""
        if not self._running.is_locked:
            return
        self.controls.closing.set()
        for listener in self._listeners:
            listener.stop()
        self._workspace.close()
        self._s3.close()
        self._running.release()

    def __enter__(self) -> Self:
        """Returns itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops it."""
        self.stop()


def start(home: Path, port: int = 0) -> RunningSandbox:
    """Runs a sandbox in threads of this process.

    Args:
        home: ESL_HOME.
        port: first of four ports; 0 takes four that are free.

    Raises:
        SandboxError: a port is taken, or the folder is in use by another sandbox.
    """
    return RunningSandbox(home, _ports(port))


def _ports(first: int) -> list[int]:
    if first == 0:
        return [0] * SERVERS
    if not 0 < first <= HIGHEST_PORT - SERVERS + 1:
        raise SandboxError(f"Port {first} can't be the first of four. Set ESL_SANDBOX_PORT to a number below 65533.")
    return list(range(first, first + SERVERS))


def serve(home: Path, port: int) -> None:
    """Runs a sandbox until SIGTERM or Ctrl-C.

    Raises:
        SandboxError: a port is taken, or the folder is in use by another sandbox.
    """
    ended = Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        with start(home, port) as sandbox:
            process = SandboxFolder(home.resolve()).process
            _write_process(process, sandbox.addresses.base_port)
            sys.stdout.write(f"sandbox running: pages at {sandbox.addresses.viewer_url}\n")
            sys.stdout.flush()
            try:
                ended.wait()
            finally:
                process.unlink(missing_ok=True)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _write_process(file: Path, port: int) -> None:
    part = file.with_suffix(".part")
    part.write_text(json.dumps({"pid": os.getpid(), "port": port}), "utf-8")
    part.replace(file)
