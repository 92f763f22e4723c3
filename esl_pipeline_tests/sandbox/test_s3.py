"""S3 with a memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
import requests
from botocore.exceptions import ClientError

from esl_pipeline.sandbox.server import start

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET = "esl-sandbox"


@contextmanager
def store(home: Path) -> Iterator[tuple[S3Client, str]]:
    """A client of a running sandbox, and the address of its bucket."""
    with start(home) as sandbox:
        at = sandbox.addresses
        client = boto3.client(
            "s3", endpoint_url=at.s3_url, aws_access_key_id="any", aws_secret_access_key="any", region_name="us-east-1"
        )
        yield client, f"{at.s3_url}/{BUCKET}"
        client.close()


def test_objects_outlive_the_sandbox_with_their_type_and_metadata(tmp_path: Path) -> None:
    with store(tmp_path) as (s3, _):
        s3.put_object(
            Bucket=BUCKET,
            Key="a/ü b.mp3",
            Body=b"sound\n" * 1000,
            ContentType="audio/mpeg",
            CacheControl="public, max-age=60",
            Metadata={"sha256": "abc"},
        )
        before = s3.head_object(Bucket=BUCKET, Key="a/ü b.mp3")
        s3.put_object(Bucket=BUCKET, Key="old", Body=b"old")
        s3.put_object(Bucket=BUCKET, Key="old", Body=b"new")
        s3.put_object(Bucket=BUCKET, Key="gone", Body=b"x")
        s3.delete_object(Bucket=BUCKET, Key="gone")
        for key in ("gone-1", "gone-2"):
            s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
        s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": "gone-1"}, {"Key": "gone-2"}]})
    with store(tmp_path) as (s3, _):
        found = s3.get_object(Bucket=BUCKET, Key="a/ü b.mp3")
        assert found["Body"].read() == b"sound\n" * 1000
        for name in ("ContentType", "CacheControl", "Metadata", "ETag", "ContentLength"):
            assert found[name] == before[name]
        assert s3.get_object(Bucket=BUCKET, Key="old")["Body"].read() == b"new"
        listed = s3.list_objects_v2(Bucket=BUCKET)
        assert listed["Name"] == BUCKET
        assert [entry["Key"] for entry in listed["Contents"]] == ["a/ü b.mp3", "old"]


def test_a_player_reads_an_object_without_credentials_and_in_parts(tmp_path: Path) -> None:
    with store(tmp_path) as (s3, address):
        s3.put_object(Bucket=BUCKET, Key="a.mp3", Body=b"0123456789", ContentType="audio/mpeg")
        whole = requests.get(f"{address}/a.mp3", timeout=10)
        assert (whole.content, whole.headers["Content-Type"]) == (b"0123456789", "audio/mpeg")
        part = requests.get(f"{address}/a.mp3", headers={"Range": "bytes=2-4"}, timeout=10)
        assert (part.status_code, part.content, part.headers["Content-Range"]) == (206, b"234", "bytes 2-4/10")
        assert requests.head(f"{address}/a.mp3", timeout=10).headers["Content-Length"] == "10"
        assert requests.get(f"{address}/none.mp3", timeout=10).status_code == 404


def test_a_presigned_address_works(tmp_path: Path) -> None:
    with store(tmp_path) as (s3, _):
        s3.put_object(Bucket=BUCKET, Key="a", Body=b"x")
        address = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "a"})
        assert requests.get(address, timeout=10).content == b"x"


def test_an_object_is_made_only_once_where_the_client_asks_for_that(tmp_path: Path) -> None:
    with store(tmp_path) as (s3, _):
        s3.put_object(Bucket=BUCKET, Key="a", Body=b"first", IfNoneMatch="*")
        with pytest.raises(ClientError, match="PreconditionFailed"):
            s3.put_object(Bucket=BUCKET, Key="a", Body=b"second", IfNoneMatch="*")
        assert s3.get_object(Bucket=BUCKET, Key="a")["Body"].read() == b"first"


def test_another_bucket_does_not_exist(tmp_path: Path) -> None:
    with store(tmp_path) as (s3, _), pytest.raises(ClientError, match="NoSuchBucket"):
        s3.put_object(Bucket="someone-elses", Key="a", Body=b"x")


def test_a_large_object_comes_in_parts_and_a_copy_is_one_more(tmp_path: Path) -> None:
    part = b"p" * (5 * 1024 * 1024)
    with store(tmp_path) as (s3, _):
        upload = s3.create_multipart_upload(Bucket=BUCKET, Key="large")["UploadId"]
        tags = [
            s3.upload_part(Bucket=BUCKET, Key="large", UploadId=upload, PartNumber=number, Body=body)["ETag"]
            for number, body in ((1, part), (2, b"end"))
        ]
        parts = [{"ETag": tag, "PartNumber": number} for number, tag in enumerate(tags, 1)]
        s3.complete_multipart_upload(
            Bucket=BUCKET,
            Key="large",
            UploadId=upload,
            MultipartUpload={"Parts": parts},  # type: ignore[typeddict-item]
        )
        s3.copy_object(Bucket=BUCKET, Key="copy", CopySource={"Bucket": BUCKET, "Key": "large"})
    with store(tmp_path) as (s3, _):
        for key in ("large", "copy"):
            assert s3.head_object(Bucket=BUCKET, Key=key)["ContentLength"] == len(part) + 3


def test_two_sandboxes_of_one_process_have_nothing_in_common(tmp_path: Path) -> None:
    with store(tmp_path / "one") as (one, _), store(tmp_path / "two") as (two, _):
        one.put_object(Bucket=BUCKET, Key="a", Body=b"x")
        assert "Contents" not in two.list_objects_v2(Bucket=BUCKET)
