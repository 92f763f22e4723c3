"""Objects sent from files, listed and deleted."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from botocore.config import Config

from esl_pipeline.clients import ObjectStore, RejectedError, s3_client
from esl_pipeline_tests.clients.raw_server import saying, serving
from esl_pipeline_tests.clients.test_object_store import (
    CONTENT,
    MISSING,
    SECRET,
    SESSION,
    SHA256,
    WRITTEN,
    client,
    moto_url,
    put,
    store,
    xml,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

__all__ = ["client", "moto_url", "store"]


def test_a_file_is_sent_from_its_start_under_the_name_that_a_browser_saves_it_as(
    store: ObjectStore, client: S3Client
) -> None:
    file = io.BytesIO(CONTENT)
    file.seek(9)
    assert store.put("a.mp3", file, content_type="audio/mpeg", sha256=SHA256, filename='a "b" \\ é.mp3')
    head = client.head_object(Bucket=store.bucket, Key="a.mp3")
    assert head["ContentDisposition"] == (
        "inline; filename=\"a _b_ _ _.mp3\"; filename*=UTF-8''a%20%22b%22%20%5C%20%C3%A9.mp3"
    )
    assert client.get_object(Bucket=store.bucket, Key="a.mp3")["Body"].read() == CONTENT


def test_a_file_that_must_be_sent_again_is_sent_whole() -> None:
    unavailable = saying(xml("503 Slow Down", "SlowDown"))
    twice = Config(retries={"total_max_attempts": 2}, connect_timeout=0.5, read_timeout=2)
    with serving(MISSING, unavailable, WRITTEN) as server:
        client: S3Client = SESSION.client(
            "s3", endpoint_url=server.url, aws_access_key_id="AKIATEST", aws_secret_access_key=SECRET, config=twice
        )
        assert put(ObjectStore(client, "lessons"))
        first, second = (request.partition(b"\r\n\r\n")[2] for request in server.requests[1:])
    assert second == CONTENT
    assert first in (b"", CONTENT)


def test_objects_are_listed_by_prefix_and_page(
    store: ObjectStore, client: S3Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "3")
    keys = [f"school/week-1/{number:04}.mp3" for number in range(7)]
    for key in keys:
        client.put_object(Bucket=store.bucket, Key=key, Body=b"12")
    client.put_object(Bucket=store.bucket, Key="school-2/week-1/0000.mp3", Body=b"1")
    found = list(store.list("school/"))
    assert [one.key for one in found] == keys
    assert {one.size for one in found} == {2}
    assert all(one.modified_at.tzinfo for one in found)
    assert list(store.list("nothing/")) == []


def test_an_object_is_deleted_and_deleting_it_again_is_no_error(store: ObjectStore) -> None:
    put(store)
    put(store, "lessons/b.mp3")
    for _ in range(2):
        store.delete("lessons/a.mp3")
    assert [one.key for one in store.list("lessons/")] == ["lessons/b.mp3"]


def test_listing_and_deleting_in_a_missing_bucket_is_rejected(moto_url: str) -> None:
    store = ObjectStore(s3_client(moto_url, key="AKIATEST", secret=SECRET), "missing-bucket")
    with pytest.raises(RejectedError, match="bucket"):
        list(store.list("a/"))
    with pytest.raises(RejectedError, match="bucket"):
        store.delete("a/b")
