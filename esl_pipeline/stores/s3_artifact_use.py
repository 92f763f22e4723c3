"""Whether an artifact in S3 is in use, so that no clean-up takes what a run has just found.

S3 can't delete on condition of a time, so those who use and those who delete leave marks beside the artifact, and each
looks for the other's *after* having left its own: at least one of them sees the other. Whoever uses an artifact writes
``~used`` and looks whether ``~deciding`` is there; whoever deletes writes ``~deciding`` and looks how old ``~used`` is.
A user who meets a decision waits for it; one that is not made in time can't be made any more.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from esl_pipeline.stores.documents import StoreUnavailableError
from esl_pipeline.stores.s3_asking import ABSENT, LOST, asking, code_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectTypeDef

USED: Final = "~used"
DECIDING: Final = "~deciding"
MARKS = (USED, DECIDING)
"""Ends of keys; no suffix of an artifact has a tilde."""
USE_NOTED_AFTER = timedelta(hours=1)
"""How exactly the last use is known; noting each would be a write per look."""
DECISION_LASTS = timedelta(minutes=5)
"""After this a decision whose maker died counts no more; S3's own clock tells."""
DECIDED_WITHIN_S = 60.0
"""A clean-up that was so slow lets the artifact be, long before others stop waiting for it."""
WAIT_S, LOOK_EVERY_S = 30.0, 0.2
"""How long a user waits for a decision, which takes a few requests, before it is to ask again later."""


@dataclass
class Seen:
    """One artifact as a list request shows it; ``size`` is None where there are only marks of it."""

    name: str
    size: int | None = None
    modified_at: datetime | None = None
    marks: dict[str, datetime] = field(default_factory=dict)
    decision: str = ""

    @property
    def used_at(self) -> datetime | None:
        """When it was stored or last used; None where it is gone."""
        return max(self.modified_at, self.marks.get(USED, self.modified_at)) if self.modified_at else None

    def being_decided(self, now: datetime) -> bool:
        """Tells whether a clean-up may be about to delete it."""
        since = self.marks.get(DECIDING)
        return since is not None and now - since < DECISION_LASTS

    @classmethod
    def each(cls, folder: str, entries: Iterable[ObjectTypeDef]) -> Iterator[Seen]:
        """Yields the artifacts that some entries of a list are of."""
        found: dict[str, Seen] = {}
        for entry in entries:
            name = entry["Key"].removeprefix(folder).partition("/")[2]
            mark = next((mark for mark in MARKS if name.endswith(mark)), "")
            name = name.removesuffix(mark)
            seen = found.setdefault(name, cls(name))
            if mark:
                seen.marks[mark] = entry["LastModified"]
                seen.decision = entry["ETag"] if mark == DECIDING else seen.decision
            else:
                seen.size, seen.modified_at = entry["Size"], entry["LastModified"]
        yield from found.values()


@dataclass(frozen=True)
class ArtifactUse:
    """The use of one artifact, by its key."""

    client: S3Client
    bucket: str
    key: str
    monotonic: Callable[[], float]
    sleep: Callable[[float], None]

    def note(self) -> bool:
        """Tells whether the artifact is there and will be, because its use is noted by now.

        Raises:
            StoreUnavailableError: a clean-up takes long to decide, or S3 does not answer well; asking again may help.
            StoreRefusedError: asking again can't help.
        """
        until = self.monotonic() + WAIT_S
        while True:
            seen, now = self._look()
            if seen.used_at is None:
                return False
            if seen.being_decided(now):
                if self.monotonic() > until:
                    raise StoreUnavailableError(f"A clean-up decides about {self.key} just now. Try again later.")
                self.sleep(LOOK_EVERY_S)
            elif now - seen.used_at <= USE_NOTED_AFTER:
                return True
            else:
                self._note()

    def delete(self, unused_since: datetime) -> bool:
        """Deletes the artifact unless it was used since; True where it is gone because of this call."""
        seen, now = self._look()
        if seen.used_at is None or seen.used_at > unused_since or seen.being_decided(now):
            return False
        begun = self.monotonic()
        if not self._begin_deciding(seen.decision):
            return False
        # Where one of these requests fails the decision stays, so that nobody relies on what may still go.
        seen, _ = self._look()
        unused = seen.used_at is not None and seen.used_at <= unused_since
        gone = unused and self.monotonic() - begun < DECIDED_WITHIN_S
        if gone:
            self._delete("")
            self._delete(USED)
        self._delete(DECIDING)
        return gone

    def _look(self) -> tuple[Seen, datetime]:
        """Returns the artifact and its marks, seen at one time, and what time it was by S3's clock."""
        with asking(self.key):
            page = self.client.list_objects_v2(Bucket=self.bucket, Prefix=self.key)
        folder, _, name = self.key.rpartition("/")
        seen = {one.name: one for one in Seen.each(folder.rpartition("/")[0] + "/", page.get("Contents", []))}
        return seen.get(name, Seen(name)), _date_of(page)

    def _begin_deciding(self, died: str) -> bool:
        """Writes the mark; in place of one whose maker died only if nobody else does. False where others decide."""
        condition: dict[str, Any] = {"IfMatch": died.strip('"')} if died else {"IfNoneMatch": "*"}
        mine = uuid.uuid4().hex.encode()
        with asking(self.key + DECIDING):
            try:
                self.client.put_object(Bucket=self.bucket, Key=self.key + DECIDING, Body=mine, **condition)
            except ClientError as error:
                if code_of(error) not in LOST | ABSENT:
                    raise
                return self._decides(mine)
        return True

    def _decides(self, mine: bytes) -> bool:
        """Tells whether the mark is ours; a write that boto3 repeated because its answer was lost meets itself."""
        try:
            return self.client.get_object(Bucket=self.bucket, Key=self.key + DECIDING)["Body"].read() == mine
        except ClientError as error:
            if code_of(error) in ABSENT:
                return False
            raise

    def _note(self) -> None:
        with asking(self.key + USED):
            self.client.put_object(Bucket=self.bucket, Key=self.key + USED, Body=b"")

    def _delete(self, mark: str) -> None:
        with asking(self.key + mark):
            self.client.delete_object(Bucket=self.bucket, Key=self.key + mark)


def _date_of(answer: Any) -> datetime:
    said = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    return parsedate_to_datetime(said) if said else datetime.now(UTC)
