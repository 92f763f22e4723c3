"""Asks S3, and tells what may pass from what will not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
)

from esl_pipeline.stores.documents import StoreUnavailableError

PASSING = frozenset({408, 409, 425, 429})
"""Answers that another attempt may not get, besides those of 500 and more."""
LOST = frozenset({"PreconditionFailed", "412", "ConditionalRequestConflict", "409"})
"""Somebody else wrote first.

**Source**: Amazon S3 User Guide, "How to prevent object overwrites with conditional writes", read 2026-11-24.
"""
ABSENT = frozenset({"NoSuchKey", "404", "NotFound"})


CREDENTIALS = "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the program a role."
_RIGHTS = "Give these credentials s3:GetObject, s3:PutObject, s3:DeleteObject and s3:ListBucket there."
_KEYS = "Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; one of them is wrong or old."
_REGION = "Set AWS_REGION to that of the bucket."
_FIXES = {
    "NoSuchBucket": "Create the bucket, or mend its name in the address.",
    "AccessDenied": _RIGHTS,
    "403": _RIGHTS,
    "InvalidAccessKeyId": _KEYS,
    "SignatureDoesNotMatch": _KEYS,
    "ExpiredToken": "The credentials have ended; get new ones.",
    "AuthorizationHeaderMalformed": _REGION,
    "PermanentRedirect": _REGION,
}
"""By S3's own code. **Source**: Amazon S3 API Reference, "Error responses", read 2026-11-25."""


class StoreRefusedError(Exception):
    """The store refuses, for want of rights, of the bucket or of credentials; asking again can't help."""


@contextmanager
def asking(what: str) -> Iterator[None]:
    """Turns boto3's errors into the stores' own.

    Args:
        what: address that is asked for; for people.

    Raises:
        StoreUnavailableError: asking again may help.
        StoreRefusedError: it can't.
    """
    try:
        yield
    except ClientError as error:
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        if status >= 500 or status in PASSING:
            raise StoreUnavailableError(f"S3 did not answer well for {what}: {error}") from error
        raise StoreRefusedError(f"S3 refuses {what}: {words_of(error)}") from error
    except NoCredentialsError as error:
        raise StoreRefusedError(f"There are no credentials for {what}. {CREDENTIALS}") from error
    except (BotoCoreError, HTTPClientError) as error:
        raise StoreUnavailableError(f"S3 is out of reach for {what}: {words_of(error)}") from error


def words_of(error: BotoCoreError | ClientError) -> str:
    """Returns what S3 or boto3 says, and how to mend it where that is known."""
    if isinstance(error, NoCredentialsError):
        fix = CREDENTIALS
    elif isinstance(error, EndpointConnectionError | ConnectTimeoutError):
        fix = "Check AWS_ENDPOINT_URL_S3, where it is set, and that the store can be reached from here."
    else:
        fix = _FIXES.get(code_of(error), "") if isinstance(error, ClientError) else ""
    return f"{str(error).rstrip('.')}. {fix}".strip()


def code_of(error: ClientError) -> str:
    """Returns S3's own code of an error."""
    return str(error.response.get("Error", {}).get("Code", ""))
