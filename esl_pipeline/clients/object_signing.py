"""Addresses at which anybody may read an object until they end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from esl_pipeline.clients.errors import RejectedError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_OTHER_CREDENTIALS = (
    "Give the tenant access keys of a user with storage.access_key_secret and storage.secret_key_secret, or set "
    "storage.publishing to public or notion."
)


def signed_address(client: S3Client, bucket: str, key: str, lifetime_s: int) -> str:
    """Returns the address, signed by version 4; sends nothing.

    Args:
        client: boto3's S3 client, whoever made it.
        bucket: the object's.
        key: the object's.
        lifetime_s: up to a week, the longest that S3 signs for. **Source**: docs.aws.amazon.com, Amazon S3 user guide,
            download and upload objects with presigned URLs, read 2026-11-25.

    Raises:
        RejectedError: the credentials are temporary, so that the signature would end with them.
        BotoCoreError: there are no credentials.
    """
    events: Any = client.meta.events
    events.register_first("choose-signer.s3.GetObject", _version_4, unique_id="version-4")
    events.register("provide-client-params.s3.GetObject", _in_its_region, unique_id="in-its-region")
    signed = client.generate_presigned_url("get_object", {"Bucket": bucket, "Key": key}, lifetime_s)
    if any(name.lower() == "x-amz-security-token" for name, _ in parse_qsl(urlsplit(signed).query)):
        message = "addresses signed with temporary credentials, such as a role's, end with them"
        raise RejectedError("s3", "temporary_credentials", message, fix=_OTHER_CREDENTIALS)
    return signed


def _version_4(**_: Any) -> str:
    """Chooses the signature that every region takes and that tells when it ends."""
    return "s3v4"


def _in_its_region(context: dict[str, Any], **_: Any) -> None:
    """Signs for the bucket's own region: what the address for all regions redirects to, the signature does not fit."""
    if context.get("is_presign_request"):
        context["use_global_endpoint"] = False
