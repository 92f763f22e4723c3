"""S3: moto's server, with its objects kept on disk."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable
from pathlib import Path
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from esl_pipeline.sandbox.launcher import BUCKET

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


SUFFIX = ".object"
ACCOUNT = "123456789012"
"""Moto's own account."""

ANYBODY = "AWS4-HMAC-SHA256 Credential=sandbox/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
READS = frozenset({"GET", "HEAD", "OPTIONS"})
LONGEST_START_S = 30


class S3App:
    """The WSGI application; moto is loaded in the background, and the first request waits for it.

    Args:
        folder: holds one file per object.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # Moto keeps one world per process; a name of its own keeps two sandboxes of one process apart.
        self._inner = f"{BUCKET}-{uuid.uuid4().hex[:8]}"
        self._saved: dict[str, tuple[str, object]] = {}
        self._lock = Lock()
        self._ready = Event()
        self._failure: BaseException | None = None
        self._app: WSGIApplication
        Thread(target=self._load, name="sandbox-s3-load", daemon=True).start()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answers one request; what it changed is on disk before the answer is sent."""
        self._ready.wait(LONGEST_START_S)
        if self._failure is not None:
            raise RuntimeError("moto could not be loaded") from self._failure
        self._rewrite(environ)
        if environ["REQUEST_METHOD"] in READS:
            answer = Response.from_app(self._app, environ, buffered=True)
        else:
            with self._lock:
                answer = Response.from_app(self._app, environ, buffered=True)
                self._save_changes()
        if "xml" in (answer.content_type or "") and answer.get_data():
            answer.set_data(answer.get_data().replace(self._inner.encode(), BUCKET.encode()))
        return answer(environ, start_response)

    def read(self, key: str) -> bytes | None:
        """Returns an object's content, None where there is none."""
        self._ready.wait(LONGEST_START_S)
        with self._lock:
            found = self._keys().get(key)
            return None if found is None else bytes(found.value)

    def close(self) -> None:
        """Forgets the objects in memory; those on disk stay."""
        self._ready.wait(LONGEST_START_S)
        with self._lock:
            for key in self._keys().values():
                key.dispose()
            self._backend().buckets.pop(self._inner, None)
            _backends().bucket_accounts.pop(self._inner, None)

    def _load(self) -> None:
        try:
            from moto.moto_server.werkzeug_app import create_backend_app

            self._app = create_backend_app("s3")
            self._backend().create_bucket(self._inner, "us-east-1")
            self._restore()
        except BaseException as error:  # noqa: BLE001 the thread hands it on to whoever asks
            self._failure = error
        self._ready.set()

    def _rewrite(self, environ: WSGIEnvironment) -> None:
        """Turns the bucket's name into the inner one, and lets anybody read."""
        for name in ("PATH_INFO", "RAW_URI", "REQUEST_URI"):
            path = environ.get(name, "")
            if path == f"/{BUCKET}" or path.startswith((f"/{BUCKET}/", f"/{BUCKET}?")):
                environ[name] = f"/{self._inner}{path.removeprefix(f'/{BUCKET}')}"
        source = environ.get("HTTP_X_AMZ_COPY_SOURCE", "").removeprefix("/")
        if source.startswith(f"{BUCKET}/"):
            environ["HTTP_X_AMZ_COPY_SOURCE"] = f"{self._inner}/{source.removeprefix(f'{BUCKET}/')}"
        signed = "HTTP_AUTHORIZATION" in environ or "Signature=" in environ.get("QUERY_STRING", "")
        if not signed and environ["REQUEST_METHOD"] in READS:
            environ["HTTP_AUTHORIZATION"] = ANYBODY

    def _backend(self) -> Any:
        return _backends()[ACCOUNT]["aws"]

    def _keys(self) -> dict[str, Any]:
        bucket = self._backend().buckets.get(self._inner)
        return dict(bucket.keys.items()) if bucket else {}

    def _save_changes(self) -> None:
        present = self._keys()
        for name, key in present.items():
            state = (key.etag, key.last_modified)
            if self._saved.get(name) != state:
                self._write(name, key)
                self._saved[name] = state
        for name in [name for name in self._saved if name not in present]:
            self._file(name).unlink(missing_ok=True)
            del self._saved[name]

    def _file(self, name: str) -> Path:
        return self._folder / (hashlib.sha256(name.encode()).hexdigest() + SUFFIX)

    def _write(self, name: str, key: Any) -> None:
        head = {"key": name, "etag": key.etag.strip('"'), "metadata": dict(key.metadata)}
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._file(name).with_suffix(".part")
        part.write_bytes(json.dumps(head).encode() + b"\n" + key.value)
        part.replace(self._file(name))

    def _restore(self) -> None:
        for file in sorted(self._folder.glob(f"*{SUFFIX}")):
            head, content = file.read_bytes().split(b"\n", 1)
            stored = json.loads(head)
            key = self._backend().put_object(self._inner, stored["key"], content, etag=stored["etag"])
            key.set_metadata(stored["metadata"])
            self._saved[stored["key"]] = (key.etag, key.last_modified)


def _backends() -> Any:
    from moto.s3.models import s3_backends

    return s3_backends
