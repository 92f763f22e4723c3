"""Objects in S3, or in what speaks its language."""

from __future__ import annotations

import hashlib
import logging
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar, cast
from urllib.parse import quote, urlsplit

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from esl_pipeline.clients.aws_role import AwsRole
from esl_pipeline.clients.aws_session import aws_session
from esl_pipeline.clients.errors import RejectedError, UnavailableError
from esl_pipeline.clients.events import say
from esl_pipeline.clients.faults import Fault, Outlook
from esl_pipeline.clients.object_looks import SHA256, SeenObject, StoredObject, see_object
from esl_pipeline.clients.object_signing import signed_address
from esl_pipeline.clients.redaction import Redactor
from esl_pipeline.clients.s3_errors import fault_of, fault_of_stored
from esl_pipeline.clients.wire import is_loopback

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ListObjectsV2OutputTypeDef, PutObjectOutputTypeDef

T = TypeVar("T")

ATTEMPTS = 4
CONNECT_TIMEOUT_S = 10
READ_TIMEOUT_S = 60
PIECE_BYTES = 1 << 20
NOT_FOUND = 404


def s3_client(
    endpoint_url: str | None = None,
    *,
    key: str | None = None,
    secret: str | None = None,
    region: str | None = None,
    role: AwsRole | None = None,
) -> S3Client:
    """Returns a client that is made when it is first used; making one may ask the machine's cloud for credentials.

    Args:
        endpoint_url: where S3 is; boto3's own choice where None, AWS_ENDPOINT_URL_S3 included.
        key: access key; boto3's own chain where None.
        secret: its secret.
        region: of the bucket; boto3's own choice where None.
        role: taken on with these credentials, and again before the ones that it gives end.
    """

    def make() -> S3Client:
        session = aws_session(key, secret, region=region)
        if role:
            session = role.session(session)
        return session.client("s3", endpoint_url=endpoint_url, config=_config(endpoint_url))

    return cast("S3Client", _MadeWhenUsed(make))


def _config(endpoint_url: str | None) -> Config:
    return Config(
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        # Uploads carry a SHA-256 of their own; other stores that speak S3 know no newer checksums.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        proxies={} if endpoint_url and is_loopback(endpoint_url) else None,
    )


class _MadeWhenUsed:
    """Stands for a client until somebody uses it."""

    def __init__(self, make: Callable[[], S3Client]) -> None:
        self._make, self._lock = make, Lock()
        self._made: S3Client | None = None

    def __getattr__(self, name: str) -> Any:
        with self._lock:
            if self._made is None:
                self._made = self._make()
        return getattr(self._made, name)


class ObjectStore:
    """One bucket.

    Args:
        client: boto3's S3 client.
        bucket: its name.
        secrets: what errors must not show, whatever the vendor says.
    """

    def __init__(self, client: S3Client, bucket: str, secrets: Iterable[str] = ()) -> None:
        self._client, self._bucket = client, bucket
        self._redact = Redactor(secrets)

    @property
    def bucket(self) -> str:
        """Name of the bucket."""
        return self._bucket

    def put(
        self,
        key: str,
        content: BinaryIO,
        *,
        content_type: str,
        sha256: str,
        cache_control: str | None = None,
        filename: str | None = None,
    ) -> bool:
        """Puts an object unless it is there with the same hash and size; True where it was written.

        Args:
            key: the object's.
            content: a file that can be read in any order, at most 5 GB; it is read from its start, in pieces.
            content_type: as browsers are told.
            sha256: hash of the content.
            cache_control: as browsers are told.
            filename: under which a browser saves it.

        Raises:
            ValueError: ``sha256`` is not the hash of the content.
            RejectedError: no such bucket, no rights and the like; asking again can't help.
            UnavailableError: asking again may help, and does no harm.
        """
        digest, size = _digest_of(content)
        if digest.hex() != sha256:
            raise ValueError(f"The content of {key} does not have the hash {sha256}.")
        if self._has(key, sha256, size):
            return False
        options = {"CacheControl": cache_control, "ContentDisposition": _inline(filename) if filename else None}
        checksum = b64encode(digest).decode()

        def write() -> PutObjectOutputTypeDef:
            content.seek(0)
            return self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=content,
                ContentType=content_type,
                Metadata={SHA256: sha256},
                ChecksumSHA256=checksum,
                **cast("Any", {name: value for name, value in options.items() if value}),
            )

        stored = self._ask(write)
        fault = stored if isinstance(stored, Fault) else fault_of_stored(stored, checksum)
        if fault:
            raise self._error(fault, writes=True)
        self._say("PUT", key, cast("Mapping[str, Any]", stored), size)
        return True

    def look(self, key: str) -> SeenObject | None:
        """Returns what the bucket says of an object, None where there is none; raises as ``list`` does.

        Without the right to list (``s3:ListBucket``) S3 refuses what is not there (403) instead of saying so.
        """
        found = self._see(key)
        if isinstance(found, Fault) and found.status == NOT_FOUND:
            return None
        if isinstance(found, Fault):
            raise self._error(found, writes=False)
        return found

    def url(self, key: str, public_base_url: str | None = None) -> str:
        """Returns the address at which the object is read.

        Args:
            key: the object's.
            public_base_url: where the bucket's objects are served, such as a CDN; S3's own address where None.
        """
        path = quote(key, safe="/~")
        if public_base_url:
            return f"{public_base_url.rstrip('/')}/{path}"
        meta = self._client.meta
        style = (getattr(meta.config, "s3", None) or {}).get("addressing_style")
        return f"{bucket_url(meta.endpoint_url, self._bucket, style)}/{path}"

    def sign(self, key: str, lifetime_s: int) -> str:
        """Returns an address at which anybody may read the object until it ends; see ``signed_address``.

        Raises:
            RejectedError: there are no credentials, or they are temporary, so that the signature would end with them.
            UnavailableError: the machine's cloud gave no credentials; asking again may help.
        """
        signed = self._ask(lambda: signed_address(self._client, self._bucket, key, lifetime_s))
        if isinstance(signed, Fault):
            raise self._error(signed, writes=False)
        return signed

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Yields the objects whose keys begin with a prefix, by key.

        Raises:
            RejectedError: no such bucket, no rights (``s3:ListBucket``) and the like; asking again can't help.
            UnavailableError: asking again may help.
        """
        token = ""
        while True:
            more = {"ContinuationToken": token} if token else {}
            page = self._ask(partial(self._page, prefix, more))
            if isinstance(page, Fault):
                raise self._error(page, writes=False)
            for entry in page.get("Contents", []):
                yield StoredObject(entry["Key"], entry["Size"], entry["LastModified"])
            token = page.get("NextContinuationToken", "")
            if not token:
                return

    def delete(self, key: str) -> None:
        """Deletes an object; one that is gone already is no error.

        Raises:
            RejectedError: no such bucket, no rights (``s3:DeleteObject``) and the like; asking again can't help.
            UnavailableError: asking again may help, and does no harm.
        """
        deleted = self._ask(lambda: self._client.delete_object(Bucket=self._bucket, Key=key))
        if isinstance(deleted, Fault):
            raise self._error(deleted, writes=True)
        self._say("DELETE", key, cast("Mapping[str, Any]", deleted))

    def _page(self, prefix: str, more: Mapping[str, str]) -> ListObjectsV2OutputTypeDef:
        return self._client.list_objects_v2(Bucket=self._bucket, Prefix=prefix, **cast("Any", more))

    def _has(self, key: str, sha256: str, size: int) -> bool:
        found = self._see(key)
        if isinstance(found, Fault):
            # An answer to HEAD has no body, so a refusal says neither why nor, without the right to list, whether the
            # object is missing (403). Writing tells.
            if found.status is not None and found.status < 500 and found.meaning.outlook is Outlook.REJECTED:
                return False
            raise self._error(found, writes=False)
        return found.size == size and found.named_sha256 == sha256

    def _see(self, key: str) -> SeenObject | Fault:
        return self._ask(lambda: see_object(self._client, self._bucket, key))

    def _ask(self, request: Callable[[], T]) -> T | Fault:
        try:
            return request()
        except (BotoCoreError, ClientError, ValueError) as error:
            return fault_of(error)

    def _say(self, method: str, key: str, answer: Mapping[str, Any], size: int | None = None) -> None:
        meta = answer.get("ResponseMetadata", {})
        seen = {"status": meta.get("HTTPStatusCode"), "request_id": meta.get("RequestId")}
        again = meta.get("RetryAttempts") or None
        say(logging.DEBUG, "s3 wrote", method=method, key=key, bytes=size, **seen, asked_again=again)

    def _error(self, fault: Fault, *, writes: bool) -> RejectedError | UnavailableError:
        unsure = writes and fault.meaning.outlook is Outlook.UNSURE
        return fault.error("s3", self._redact, may_have_happened=unsure)


def _digest_of(file: BinaryIO) -> tuple[bytes, int]:
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    while piece := file.read(PIECE_BYTES):
        digest.update(piece)
        size += len(piece)
    return digest.digest(), size


def _inline(filename: str) -> str:
    """Returns the header that lets a browser play a file, and save it under a name in any script (RFC 6266)."""
    plain = "".join(c if " " <= c < "\x7f" and c not in '"\\' else "_" for c in filename)
    return f"inline; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"


def bucket_url(endpoint_url: str, bucket: str, style: str | None = None) -> str:
    """Returns a bucket's address: its own host at AWS, a folder of the endpoint elsewhere.

    Args:
        endpoint_url: of the region, or of another store.
        bucket: one with dots gets no host of its own, since AWS's certificate does not cover it.
        style: ``virtual`` or ``path`` where it is set; else the endpoint decides.
    """
    parts = urlsplit(endpoint_url)
    at_aws = (parts.hostname or "").endswith((".amazonaws.com", ".amazonaws.com.cn"))
    if style == "virtual" or (style != "path" and at_aws and "." not in bucket):
        return parts._replace(netloc=f"{bucket}.{parts.netloc}").geturl().rstrip("/")
    return f"{endpoint_url.rstrip('/')}/{bucket}"
