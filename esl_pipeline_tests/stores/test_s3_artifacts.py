"""What only the store in S3 does: use is noted beside the artifact, and clean-ups and runs see each other."""

from __future__ import annotations

import hashlib
import io
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.response import StreamingBody

from esl_pipeline.stores import s3_artifact_use
from esl_pipeline.stores.artifacts import Removed
from esl_pipeline.stores.documents import StoreUnavailableError
from esl_pipeline.stores.s3_artifact_use import DECIDING, USED, ArtifactUse
from esl_pipeline.stores.s3_artifacts import S3ArtifactStore
from esl_pipeline.stores.s3_asking import StoreRefusedError
from esl_pipeline_tests.stores.conftest import CEPH
from esl_pipeline_tests.stores.test_artifacts import SHA

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

pytestmark = CEPH
KEY = f"artifacts/school/{SHA[:2]}/{SHA}.wav"
FUTURE = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def bucket(ceph_server: S3Client) -> str:
    """An empty bucket."""
    name = f"b-{uuid.uuid4().hex}"
    ceph_server.create_bucket(Bucket=name)
    return name


@pytest.fixture
def store(ceph_server: S3Client, bucket: str) -> S3ArtifactStore:
    """A store in that bucket."""
    return S3ArtifactStore(ceph_server, bucket)


@pytest.fixture
def noted_each_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use is noted to the second, so that a test need not wait for hours."""
    monkeypatch.setattr(s3_artifact_use, "USE_NOTED_AFTER", timedelta(seconds=1))


def keys(client: S3Client, bucket: str) -> list[str]:
    return [entry["Key"] for entry in client.list_objects_v2(Bucket=bucket).get("Contents", [])]


def use_of(client: S3Client, bucket: str, sleep: Callable[[float], None] = time.sleep) -> ArtifactUse:
    return ArtifactUse(client, bucket, KEY, time.monotonic, sleep)


class Watched:
    """A client that tells a function of each request before it is made."""

    def __init__(self, client: S3Client, before: Callable[[str, str], None]) -> None:
        self._client, self._before = client, before

    def __getattr__(self, name: str) -> Any:
        ask = getattr(self._client, name)

        def asked(**how: Any) -> Any:
            self._before(name, str(how.get("Key", "")))
            return ask(**how)

        return asked


def watched(client: S3Client, before: Callable[[str, str], None]) -> S3Client:
    return cast("S3Client", Watched(client, before))


def test_an_address_is_what_a_person_can_copy(store: S3ArtifactStore, bucket: str, ceph_server: S3Client) -> None:
    where = store.put("school", SHA, ".wav", b"sound")
    assert where == f"s3://{bucket}/{KEY}"
    assert ceph_server.get_object(Bucket=bucket, Key=KEY)["Body"].read() == b"sound"


def test_a_damaged_artifact_is_not_given_and_is_made_again(
    store: S3ArtifactStore, bucket: str, ceph_server: S3Client
) -> None:
    store.put("school", SHA, ".wav", b"sound")
    checksum = hashlib.sha256(b"sound").hexdigest()
    ceph_server.put_object(Bucket=bucket, Key=KEY, Body=b"s0und", Metadata={"sha256": checksum})
    with pytest.raises(KeyError, match="damaged"):
        store.get("school", SHA, ".wav")
    assert not store.has("school", SHA, ".wav")
    store.put("school", SHA, ".wav", b"sound")
    assert store.get("school", SHA, ".wav") == b"sound"


def test_what_another_program_copied_without_its_checksum_is_read(
    store: S3ArtifactStore, bucket: str, ceph_server: S3Client
) -> None:
    ceph_server.put_object(Bucket=bucket, Key=KEY, Body=b"copied")
    assert store.get("school", SHA, ".wav") == b"copied"


@pytest.mark.usefixtures("noted_each_second")
def test_a_look_at_an_old_artifact_notes_that_it_is_in_use(
    store: S3ArtifactStore, bucket: str, ceph_server: S3Client
) -> None:
    store.put("school", SHA, ".wav", b"sound")
    stored_at = next(store.list("school")).used_at
    assert keys(ceph_server, bucket) == [KEY]
    time.sleep(2.1)
    assert store.has("school", SHA, ".wav")
    assert keys(ceph_server, bucket) == [KEY, KEY + USED]
    (listed,) = store.list("school")
    assert (listed.size, listed.used_at > stored_at) == (5, True)
    assert not store.delete("school", SHA, ".wav", unused_since=stored_at)
    assert store.get("school", SHA, ".wav") == b"sound"


def test_a_fresh_artifact_is_looked_at_with_one_request(bucket: str, ceph_server: S3Client) -> None:
    S3ArtifactStore(ceph_server, bucket).put("school", SHA, ".wav", b"sound")
    asked = list[str]()
    assert S3ArtifactStore(watched(ceph_server, lambda name, _: asked.append(name)), bucket).has("school", SHA, ".wav")
    assert asked == ["list_objects_v2"]


def test_a_deleted_artifact_leaves_nothing(store: S3ArtifactStore, bucket: str, ceph_server: S3Client) -> None:
    store.put("school", SHA, ".wav", b"sound")
    ceph_server.put_object(Bucket=bucket, Key=KEY + USED)
    assert store.delete("school", SHA, ".wav", unused_since=FUTURE)
    assert keys(ceph_server, bucket) == []


def test_a_use_that_is_noted_while_a_clean_up_decides_is_seen_by_it(bucket: str, ceph_server: S3Client) -> None:
    store = S3ArtifactStore(ceph_server, bucket)
    store.put("school", SHA, ".wav", b"sound")
    unused_since = next(store.list("school")).used_at

    def use_it(_: str, key: str) -> None:
        if key.endswith(DECIDING):
            time.sleep(0.01)
            ceph_server.put_object(Bucket=bucket, Key=KEY + USED)

    clean_up = S3ArtifactStore(watched(ceph_server, use_it), bucket)
    assert not clean_up.delete("school", SHA, ".wav", unused_since=unused_since)
    assert store.get("school", SHA, ".wav") == b"sound"
    assert KEY + DECIDING not in keys(ceph_server, bucket)


def test_a_run_waits_for_a_decision_and_is_told_the_truth(bucket: str, ceph_server: S3Client) -> None:
    S3ArtifactStore(ceph_server, bucket).put("school", SHA, ".wav", b"sound")
    answers = []

    def look(name: str, key: str) -> None:
        if (name, key) == ("delete_object", KEY):
            answers.append(pool.submit(S3ArtifactStore(ceph_server, bucket).has, "school", SHA, ".wav"))
            time.sleep(0.5)
            assert not answers[0].done()

    with ThreadPoolExecutor(1) as pool:
        assert S3ArtifactStore(watched(ceph_server, look), bucket).delete("school", SHA, ".wav", unused_since=FUTURE)
        assert answers[0].result() is False


def test_what_is_stored_while_its_predecessor_is_deleted_is_there_at_the_end(
    bucket: str, ceph_server: S3Client
) -> None:
    store = S3ArtifactStore(ceph_server, bucket)
    store.put("school", SHA, ".wav", b"sound")
    puts = []

    def put_it(name: str, key: str) -> None:
        if (name, key) == ("delete_object", KEY):
            puts.append(pool.submit(store.put, "school", SHA, ".wav", b"made again"))
            time.sleep(0.3)

    with ThreadPoolExecutor(1) as pool:
        S3ArtifactStore(watched(ceph_server, put_it), bucket).delete("school", SHA, ".wav", unused_since=FUTURE)
        puts[0].result()
    assert store.get("school", SHA, ".wav") == b"made again"


@pytest.mark.usefixtures("noted_each_second")
def test_runs_and_clean_ups_that_race_never_lose_what_a_run_was_promised(store: S3ArtifactStore) -> None:
    hashes = [hashlib.sha256(str(n).encode()).hexdigest() for n in range(24)]
    for sha256 in hashes:
        store.put("school", sha256, ".wav", b"sound")
    time.sleep(2.1)
    unused_since = datetime.now(UTC) - timedelta(seconds=1)
    with ThreadPoolExecutor(16) as pool:
        used = {sha256: [pool.submit(store.has, "school", sha256, ".wav")] for sha256 in hashes[::2]}
        deleted = {
            sha256: [pool.submit(store.delete, "school", sha256, ".wav", unused_since=unused_since) for _ in range(2)]
            for sha256 in hashes
        }
        for sha256 in hashes[1::2]:
            used[sha256] = [pool.submit(store.has, "school", sha256, ".wav")]
    there = {one.sha256 for one in store.list("school")}
    for sha256 in hashes:
        (promised,), gone = [one.result() for one in used[sha256]], [one.result() for one in deleted[sha256]]
        assert promised == (sha256 in there)
        assert sum(gone) == (sha256 not in there)


def test_a_clean_up_that_was_killed_while_it_decided_stops_nobody_for_good(
    bucket: str, ceph_server: S3Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = S3ArtifactStore(ceph_server, bucket)
    store.put("school", SHA, ".wav", b"sound")
    ceph_server.put_object(Bucket=bucket, Key=KEY + DECIDING, Body=b"killed")
    monkeypatch.setattr(s3_artifact_use, "WAIT_S", 0.5)
    with pytest.raises(StoreUnavailableError, match="clean-up"):
        use_of(ceph_server, bucket).note()
    assert not store.delete("school", SHA, ".wav", unused_since=FUTURE)
    monkeypatch.setattr(s3_artifact_use, "DECISION_LASTS", timedelta(0))
    assert store.has("school", SHA, ".wav")
    assert store.delete("school", SHA, ".wav", unused_since=FUTURE)
    assert keys(ceph_server, bucket) == []


def test_marks_of_what_is_gone_and_of_killed_clean_ups_are_scratch(
    store: S3ArtifactStore, bucket: str, ceph_server: S3Client
) -> None:
    store.put("school", SHA, ".wav", b"sound")
    store.put("school", SHA, ".wav.timings", b"{}")
    gone = KEY.replace(".wav", ".mp3")
    for key in (KEY + USED, KEY + DECIDING, gone + USED, KEY.replace("school", "other") + DECIDING):
        ceph_server.put_object(Bucket=bucket, Key=key)
    assert store.remove_scratch("school", unused_since=datetime(2020, 1, 1, tzinfo=UTC)) == Removed()
    assert store.remove_scratch("school", unused_since=FUTURE, dry_run=True) == Removed(2, 0)
    assert store.remove_scratch("school", unused_since=FUTURE) == Removed(2, 0)
    assert keys(ceph_server, bucket) == [
        KEY.replace("school", "other") + DECIDING,
        KEY,
        KEY + ".timings",
        KEY + USED,
    ]
    assert [one.suffix for one in store.list("school")] == [".wav", ".wav.timings"]


def test_objects_that_are_no_artifacts_are_passed_over(
    store: S3ArtifactStore, bucket: str, ceph_server: S3Client
) -> None:
    store.put("school", SHA, ".wav", b"sound")
    for key in (
        "artifacts/school/notes.txt",
        f"artifacts/school/{SHA[:2]}/notes",
        "artifacts/No Slug/x",
        "artifacts/x",
    ):
        ceph_server.put_object(Bucket=bucket, Key=key)
    assert [one.sha256 for one in store.list("school")] == [SHA]
    assert list(store.tenants()) == ["school"]


def test_more_than_one_page_is_listed(store: S3ArtifactStore, bucket: str, ceph_server: S3Client) -> None:
    folder = f"artifacts/school/{SHA[:2]}/{SHA[:2]}"
    with ThreadPoolExecutor(16) as pool:
        for n in range(1005):
            pool.submit(ceph_server.put_object, Bucket=bucket, Key=f"{folder}{n:062x}.wav", Body=b"1")
    assert len({one.sha256 for one in store.list("school")}) == 1005


def test_each_tenant_may_have_a_bucket_of_its_own(ceph_server: S3Client) -> None:
    mark = uuid.uuid4().hex[:8]
    for tenant in ("school", "other"):
        ceph_server.create_bucket(Bucket=f"{mark}-{tenant}-speech")
    store = S3ArtifactStore(ceph_server, f"{mark}-{{tenant}}-speech", "live/")
    where = store.put("school", SHA, ".wav", b"sound")
    assert where == f"s3://{mark}-school-speech/live/{KEY}"
    assert list(store.tenants()) == ["school"]
    assert not store.has("other", SHA, ".wav")
    store.put("other", SHA, ".wav", b"sound")
    assert list(store.tenants()) == ["other", "school"]


def test_a_bucket_that_is_not_there_says_what_to_do(ceph_server: S3Client) -> None:
    store = S3ArtifactStore(ceph_server, "no-such-bucket")
    for ask in (store.has, store.get, store.open):
        with pytest.raises(StoreRefusedError, match="mend its name"):
            ask("school", SHA, ".wav")
    with pytest.raises(StoreRefusedError):
        store.put("school", SHA, ".wav", b"sound")


def test_a_connection_that_breaks_half_way_is_tried_again_and_no_damage(bucket: str, ceph_server: S3Client) -> None:
    content = bytes(range(256)) * 100_000
    S3ArtifactStore(ceph_server, bucket).put("school", SHA, ".wav", content)
    client = cast("S3Client", Breaking(ceph_server, times=2))
    assert S3ArtifactStore(client, bucket).get("school", SHA, ".wav") == content
    with pytest.raises(StoreUnavailableError):
        S3ArtifactStore(cast("S3Client", Breaking(ceph_server, times=3)), bucket).get("school", SHA, ".wav")
    assert S3ArtifactStore(ceph_server, bucket).get("school", SHA, ".wav") == content


class Breaking:
    """A client whose connections break after 100 bytes, some times."""

    def __init__(self, client: S3Client, times: int) -> None:
        self._client, self._times = client, times

    def get_object(self, **how: Any) -> Any:
        answer = self._client.get_object(**how)
        if self._times > 0:
            self._times -= 1
            size = answer["ContentLength"]
            answer["Body"] = StreamingBody(cast("Any", io.BytesIO(answer["Body"].read(100))), size)
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)
