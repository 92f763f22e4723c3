"""Objects in S3, or in what speaks its language."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import quote, urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from esl_pipeline.clients.errors import RejectedError, UnavailableError
from esl_pipeline.clients.faults import Fault, Meaning, Outlook, VendorWords
from esl_pipeline.clients.redaction import Redactor
from esl_pipeline.clients.s3_errors import fault_of
from esl_pipeline.clients.wire import is_loopback

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

T = TypeVar("T")

ATTEMPTS = 4
CONNECT_TIMEOUT_S = 10
READ_TIMEOUT_S = 60
SHA256 = "sha256"
"""Name of the metadata that holds the content's hash."""


def s3_client(endpoint_url: str | None = None, *, key: str | None = None, secret: str | None = None) -> S3Client:
    """Returns a client that is made when it is first used; making one may ask the machine's cloud for credentials.

    Args:
        endpoint_url: where S3 is; boto3's own choice where None, AWS_ENDPOINT_URL_S3 included.
        key: access key; boto3's own chain where None.
        secret: its secret.
    """

    def make() -> S3Client:
        return boto3.session.Session().client(
            "s3",
            endpoint_url=endpoint_url,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            config=_config(endpoint_url),
        )

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
    """

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client, self._bucket = client, bucket
        self._redact = Redactor(())

    @property
    def bucket(self) -> str:
        """Name of the bucket."""
        return self._bucket

    def put(
        self, key: str, content: bytes, *, content_type: str, sha256: str, cache_control: str | None = None
    ) -> bool:
        """Puts an object unless it is there with the same hash and size; True where it was written.

        Raises:
            ValueError: ``sha256`` is not the hash of the content.
            RejectedError: no such bucket, no rights and the like; asking again can't help.
            UnavailableError: asking again may help, and does no harm.
        """
        digest = hashlib.sha256(content)
        if digest.hexdigest() != sha256:
            raise ValueError(f"The content of {key} does not have the hash {sha256}.")
        if self._has(key, sha256, len(content)):
            return False
        options: dict[str, Any] = {"CacheControl": cache_control} if cache_control else {}
        checksum = b64encode(digest.digest()).decode()

        def write() -> str | None:
            return self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=content,
                ContentType=content_type,
                Metadata={SHA256: sha256},
                ChecksumSHA256=checksum,
                **options,
            ).get("ChecksumSHA256")

        stored = self._ask(write)
        if isinstance(stored, Fault):
            raise self._error(stored, writes=True)
        if stored not in (None, checksum):
            raise self._error(_DAMAGED, writes=True)
        return True

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

    def _has(self, key: str, sha256: str, size: int) -> bool:
        def read() -> bool:
            head = self._client.head_object(Bucket=self._bucket, Key=key)
            return head["ContentLength"] == size and head["Metadata"].get(SHA256) == sha256

        found = self._ask(read)
        if isinstance(found, Fault):
            # An answer to HEAD has no body, so a refusal says neither why nor, without the right to list, whether the
            # object is missing (403). Writing tells.
            if found.status is not None and found.status < 500 and found.meaning.outlook is Outlook.REJECTED:
                return False
            raise self._error(found, writes=False)
        return found

    def _ask(self, request: Callable[[], T]) -> T | Fault:
        try:
            return request()
        except (BotoCoreError, ClientError, ValueError) as error:
            return fault_of(error)

    def _error(self, fault: Fault, *, writes: bool) -> RejectedError | UnavailableError:
        unsure = writes and fault.meaning.outlook is Outlook.UNSURE
        return fault.error("s3", self._redact, may_have_happened=unsure)


_DAMAGED = Fault(
    "checksum_mismatch",
    Meaning(Outlook.UNSURE, "Run the stage again."),
    VendorWords(message="what is stored differs from what was sent"),
)


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
