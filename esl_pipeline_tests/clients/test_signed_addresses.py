"""Addresses that end, on a real S3 server that checks signatures, and what is refused to be signed."""

from __future__ import annotations

import hashlib
import time
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
import requests

from esl_pipeline.clients import ObjectStore, s3_client
from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.stages.audio_source import signature_of, unsigned
from esl_pipeline_tests.real_s3 import KEY, PORT, SECRET

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SOUND = bytes(range(256)) * 40
OBJECT = "a/prefix/school/lesson one/sound.mp3"


@pytest.fixture(scope="module")
def objects(ceph_server: S3Client) -> ObjectStore:
    """A bucket of the real server, made by our own client."""
    ceph_server.create_bucket(Bucket="signed")
    store = ObjectStore(s3_client(f"http://127.0.0.1:{PORT}", key=KEY, secret=SECRET, region="us-east-1"), "signed")
    store.put(OBJECT, BytesIO(SOUND), content_type="audio/mpeg", sha256=hashlib.sha256(SOUND).hexdigest())
    return store


@pytest.mark.xdist_group("ceph")
class TestOnARealServer:
    def test_a_signed_address_plays_whole_and_in_part(self, objects: ObjectStore) -> None:
        address = objects.sign(OBJECT, 3600)
        played = requests.get(address, timeout=10)
        part = requests.get(address, headers={"Range": "bytes=256-511"}, timeout=10)
        assert (played.status_code, played.content, played.headers["Content-Type"]) == (200, SOUND, "audio/mpeg")
        assert (part.status_code, part.content) == (206, SOUND[256:512])

    def test_without_its_signature_or_with_another_key_it_is_refused(self, objects: ObjectStore) -> None:
        address = objects.sign(OBJECT, 3600)
        signature = parse_qs(urlsplit(address).query)["X-Amz-Signature"][0]
        for bad in (
            unsigned(address),
            address.replace(signature, "0" * len(signature)),
            address.replace("sound.mp3", "other.mp3"),
            address.replace("X-Amz-Expires=3600", "X-Amz-Expires=3601"),
        ):
            assert requests.get(bad, timeout=10).status_code == 403

    def test_it_is_refused_once_it_has_ended(self, objects: ObjectStore) -> None:
        address = objects.sign(OBJECT, 1)
        time.sleep(2.1)
        assert requests.get(address, timeout=10).status_code == 403


def test_a_weeks_signature_tells_when_it_ends_and_belongs_to_the_plain_address() -> None:
    store = ObjectStore(s3_client(None, key="AKIAEXAMPLE", secret="secret", region="eu-central-1"), "lessons")
    address = store.sign(OBJECT, 604_800)
    found = signature_of(address)
    assert found is not None
    assert (found.until - found.at).days == 7
    assert unsigned(address) == store.url(OBJECT)
    assert len(address) < 2000


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "eu-central-1"])
def test_every_region_gets_version_4_whoever_made_the_client(region: str) -> None:
    client = boto3.client("s3", aws_access_key_id="AKIAEXAMPLE", aws_secret_access_key="secret", region_name=region)
    store = ObjectStore(client, "lessons")
    for _ in range(2):
        assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in store.sign(OBJECT, 60)


def test_temporary_credentials_sign_nothing_since_the_address_would_end_with_them() -> None:
    client = boto3.client(
        "s3",
        aws_access_key_id="ASIAEXAMPLE",
        aws_secret_access_key="secret",
        aws_session_token="a-session-token",
        region_name="eu-west-1",
    )
    with pytest.raises(RejectedError, match="temporary credentials") as refused:
        ObjectStore(client, "lessons").sign(OBJECT, 60)
    assert "a-session-token" not in str(refused.value)
    assert "storage.access_key_secret" in refused.value.fix
