from __future__ import annotations

import hashlib
import io
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import requests
from botocore.config import Config
from moto.server import ThreadedMotoServer

from esl_pipeline.clients import ObjectStore, RejectedError, UnavailableError, VendorError, s3_client
from esl_pipeline.clients.object_store import bucket_url
from esl_pipeline_tests.clients.raw_server import Treatment, resetting, saying, serving, silent

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CONTENT = b"ID3" + bytes(2000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
SECRET = "marked-aws-secret-53b1"
SESSION = boto3.session.Session()
"""Shared, for each session reads the vendor's large service model anew."""
FOREVER = "public, max-age=31536000, immutable"


@pytest.fixture(scope="module")
def moto_url() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def client(moto_url: str, request: pytest.FixtureRequest) -> S3Client:
    made = s3_client(moto_url, key="AKIATEST", secret=SECRET)
    bucket = bucket_of(request)
    made.create_bucket(Bucket=bucket)
    return made


@pytest.fixture
def store(client: S3Client, request: pytest.FixtureRequest) -> ObjectStore:
    return ObjectStore(client, bucket_of(request))


def bucket_of(request: pytest.FixtureRequest) -> str:
    return "b" + hashlib.sha256(request.node.name.encode()).hexdigest()[:20]


def put(store: ObjectStore, key: str = "lessons/a.mp3", content: bytes = CONTENT, **options: Any) -> bool:
    sha256 = hashlib.sha256(content).hexdigest()
    return store.put(key, io.BytesIO(content), content_type="audio/mpeg", sha256=sha256, **options)


def hasty(url: str) -> S3Client:
    """Returns a client that asks once and waits shortly; otherwise as ours."""
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=0.5, read_timeout=0.2)
    made: S3Client = SESSION.client(
        "s3", endpoint_url=url, aws_access_key_id="AKIATEST", aws_secret_access_key=SECRET, config=config
    )
    return made


def test_an_object_is_written_once_with_all_that_a_browser_needs(store: ObjectStore, client: S3Client) -> None:
    assert put(store, cache_control=FOREVER)
    assert not put(store, cache_control=FOREVER)
    head = client.head_object(Bucket=store.bucket, Key="lessons/a.mp3", ChecksumMode="ENABLED")
    assert (head["ContentType"], head["CacheControl"], head["ContentLength"]) == ("audio/mpeg", FOREVER, len(CONTENT))
    assert head["Metadata"] == {"sha256": SHA256}
    assert client.get_object(Bucket=store.bucket, Key="lessons/a.mp3")["Body"].read() == CONTENT


def test_other_content_under_the_same_key_is_written(store: ObjectStore, client: S3Client) -> None:
    assert put(store)
    assert put(store, content=b"other")
    assert client.get_object(Bucket=store.bucket, Key="lessons/a.mp3")["Body"].read() == b"other"


def test_an_object_of_another_origin_is_not_taken_for_ours(store: ObjectStore, client: S3Client) -> None:
    client.put_object(Bucket=store.bucket, Key="lessons/a.mp3", Body=CONTENT)
    assert put(store)


def test_a_cut_off_object_with_our_hash_is_written_again(store: ObjectStore, client: S3Client) -> None:
    client.put_object(Bucket=store.bucket, Key="lessons/a.mp3", Body=CONTENT[:9], Metadata={"sha256": SHA256})
    assert put(store)


def test_content_of_another_hash_is_refused(store: ObjectStore) -> None:
    with pytest.raises(ValueError, match="does not have the hash"):
        store.put("k", io.BytesIO(b"x"), content_type="audio/mpeg", sha256=SHA256)


def test_keys_with_any_characters_can_be_read_at_their_url(store: ObjectStore, client: S3Client) -> None:
    key = "lessons/école/a b+c&d%/1~2.mp3"
    put(store, key)
    client.put_object_acl(Bucket=store.bucket, Key=key, ACL="public-read")
    url = store.url(key)
    assert url.endswith(f"/{store.bucket}/lessons/%C3%A9cole/a%20b%2Bc%26d%25/1~2.mp3")
    assert requests.get(url, timeout=5).content == CONTENT


@pytest.mark.parametrize("base", ["https://cdn.example.org/audio", "https://cdn.example.org/audio/"])
def test_a_public_address_is_put_before_the_key(base: str) -> None:
    store = ObjectStore(s3_client("http://127.0.0.1:9", key="k", secret="s"), "lessons")
    assert store.url("a b/ü.mp3", base) == "https://cdn.example.org/audio/a%20b/%C3%BC.mp3"


@pytest.mark.parametrize(
    ("endpoint", "bucket", "style", "url"),
    [
        ("https://s3.eu-west-1.amazonaws.com", "lessons", None, "https://lessons.s3.eu-west-1.amazonaws.com"),
        ("https://s3.amazonaws.com/", "lessons", "auto", "https://lessons.s3.amazonaws.com"),
        ("https://s3.cn-north-1.amazonaws.com.cn", "lessons", None, "https://lessons.s3.cn-north-1.amazonaws.com.cn"),
        ("https://s3.eu-west-1.amazonaws.com", "my.lessons", None, "https://s3.eu-west-1.amazonaws.com/my.lessons"),
        ("https://s3.eu-west-1.amazonaws.com", "lessons", "path", "https://s3.eu-west-1.amazonaws.com/lessons"),
        ("https://minio.example.org:9000/", "lessons", None, "https://minio.example.org:9000/lessons"),
        ("https://r2.example.org", "lessons", "virtual", "https://lessons.r2.example.org"),
        ("https://amazonaws.com.example.org", "lessons", None, "https://amazonaws.com.example.org/lessons"),
    ],
)
def test_a_bucket_has_its_own_host_at_aws_and_a_folder_elsewhere(
    endpoint: str, bucket: str, style: str | None, url: str
) -> None:
    assert bucket_url(endpoint, bucket, style) == url


def test_the_region_is_in_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL_S3", raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    store = ObjectStore(s3_client(key="k", secret="s"), "lessons")
    assert store.url("a.mp3") == "https://lessons.s3.eu-central-1.amazonaws.com/a.mp3"


def test_without_an_endpoint_the_environment_names_it(moto_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", moto_url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    client = s3_client()
    client.create_bucket(Bucket="from-environment")
    store = ObjectStore(client, "from-environment")
    assert put(store)
    assert store.url("a.mp3") == f"{moto_url}/from-environment/a.mp3"


def test_making_a_client_reads_and_asks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    store = ObjectStore(s3_client(), "lessons")
    with pytest.raises(RejectedError, match="profile"):
        put(store)


def test_our_limits_are_set() -> None:
    config: Any = s3_client("http://127.0.0.1:9", key="k", secret="s").meta.config
    assert (config.connect_timeout, config.read_timeout) == (10, 60)
    assert config.retries == {"mode": "standard", "total_max_attempts": 4}


def test_a_missing_bucket_is_rejected_with_what_to_do(moto_url: str) -> None:
    with pytest.raises(RejectedError) as caught:
        put(ObjectStore(s3_client(moto_url, key="AKIATEST", secret=SECRET), "missing-bucket"))
    assert (caught.value.vendor, caught.value.code, caught.value.status) == ("s3", "NoSuchBucket", 404)
    assert "S3_BUCKET" in caught.value.fix
    assert caught.value.request_id


def test_a_name_that_no_bucket_has_is_rejected(moto_url: str) -> None:
    with pytest.raises(RejectedError) as caught:
        put(ObjectStore(s3_client(moto_url, key="k", secret=SECRET), "Not A Bucket!"))
    assert caught.value.code == "InvalidBucketName"


def xml(status: str, code: str, message: str = "words") -> bytes:
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/xml\r\nConnection: close\r\nx-amz-request-id: Q1\r\n"
    return head.encode() + b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


MISSING = saying(b"HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
FORBIDDEN = saying(b"HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
WRITTEN = saying(b'HTTP/1.1 200 OK\r\nConnection: close\r\nETag: "5d41"\r\nContent-Length: 0\r\n\r\n')


def error_of(*treatments: Treatment) -> VendorError:
    with serving(*treatments) as server, pytest.raises(VendorError) as caught:
        put(ObjectStore(hasty(server.url), "lessons"))
    assert SECRET not in f"{caught.value}{caught.value!r}"
    assert caught.value.__context__ is None
    return caught.value


@pytest.mark.parametrize(
    ("status", "code", "fix"),
    [
        ("403 Forbidden", "AccessDenied", "s3:PutObject"),
        ("403 Forbidden", "InvalidAccessKeyId", "AWS_ACCESS_KEY_ID"),
        ("403 Forbidden", "SignatureDoesNotMatch", "AWS_SECRET_ACCESS_KEY"),
        ("400 Bad Request", "ExpiredToken", "Renew"),
        ("403 Forbidden", "RequestTimeTooSkewed", "clock"),
        ("400 Bad Request", "IllegalLocationConstraintException", "AWS_REGION"),
        ("404 Not Found", "NoSuchBucket", "S3_BUCKET"),
        ("507 Full", "QuotaExceeded", "space"),
    ],
)
def test_what_can_not_succeed_is_rejected_with_what_to_do(status: str, code: str, fix: str) -> None:
    error = error_of(MISSING, saying(xml(status, code)))
    assert isinstance(error, RejectedError)
    assert (error.code, error.message, error.request_id) == (code, "words", "Q1")
    assert fix in error.fix


@pytest.mark.parametrize(
    ("status", "code", "unsure"),
    [
        ("503 Slow Down", "SlowDown", False),
        ("400 Bad Request", "BadDigest", False),
        ("500 Internal Server Error", "InternalError", True),
        ("503 Service Unavailable", "ServiceUnavailable", True),
    ],
)
def test_what_may_succeed_later_is_unavailable(status: str, code: str, unsure: bool) -> None:
    error = error_of(MISSING, saying(xml(status, code)))
    assert isinstance(error, UnavailableError)
    assert (error.code, error.may_have_happened) == (code, unsure)


def test_without_the_right_to_look_it_is_written_all_the_same() -> None:
    with serving(FORBIDDEN, WRITTEN) as server:
        assert put(ObjectStore(hasty(server.url), "lessons"))
        assert [request.partition(b" ")[0] for request in server.requests] == [b"HEAD", b"PUT"]


def test_the_checksum_travels_with_the_object() -> None:
    with serving(MISSING, WRITTEN) as server:
        put(ObjectStore(hasty(server.url), "lessons"))
        assert b"x-amz-checksum-sha256: " in server.requests[1].lower()


def test_an_object_that_was_stored_damaged_is_no_success() -> None:
    damaged = b"HTTP/1.1 200 OK\r\nConnection: close\r\nx-amz-checksum-sha256: AAAA\r\nContent-Length: 0\r\n\r\n"
    error = error_of(MISSING, saying(damaged))
    assert isinstance(error, UnavailableError)
    assert error.code == "checksum_mismatch"


PAGE = b"<html><body>Please log in to the guests' network.</body></html>"


@pytest.mark.parametrize("head", [b"Content-Type: text/html; charset=utf-8\r\n", b""])
def test_a_page_in_the_place_of_an_answer_to_a_put_is_no_success(head: bytes) -> None:
    length = f"Content-Length: {len(PAGE)}\r\n\r\n".encode()
    error = error_of(MISSING, saying(b"HTTP/1.1 200 OK\r\nConnection: close\r\n" + head + length + PAGE))
    assert isinstance(error, UnavailableError)
    assert (error.code, error.may_have_happened) == ("no_confirmation", True)
    assert "Check what stands between this machine and the bucket" in str(error)


@pytest.mark.parametrize(
    ("treatment", "code"), [(silent(), "timeout"), (resetting(), "connection"), (saying(), "connection")]
)
def test_a_put_whose_answer_is_lost_may_have_happened(treatment: Treatment, code: str) -> None:
    error = error_of(MISSING, treatment)
    assert isinstance(error, UnavailableError)
    assert (error.code, error.may_have_happened) == (code, True)


def test_a_look_whose_answer_is_lost_wrote_nothing() -> None:
    error = error_of(silent())
    assert isinstance(error, UnavailableError)
    assert not error.may_have_happened


def test_a_refused_connection_is_unavailable_and_wrote_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(UnavailableError) as caught:
        put(ObjectStore(hasty(f"http://127.0.0.1:{port}"), "lessons"))
    assert (caught.value.code, caught.value.may_have_happened) == ("connection", False)


def test_a_bad_endpoint_is_rejected() -> None:
    with pytest.raises(RejectedError) as caught:
        put(ObjectStore(s3_client("nonsense", key="k", secret=SECRET), "lessons"))
    assert SECRET not in f"{caught.value!r}"


def test_loopback_is_reached_whatever_the_proxy(moto_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    client = s3_client(moto_url, key="k", secret=SECRET)
    client.create_bucket(Bucket="behind-a-proxy")
    assert put(ObjectStore(client, "behind-a-proxy"))
