"""S3's errors as data.

**Source**: docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html; botocore's own exceptions, version 1.44.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore import exceptions as botocore

from esl_pipeline.clients.faults import Fault, Meaning, Outlook, VendorWords, classify

_KEY = "Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the role that the program runs with."
_REGION = "Set AWS_REGION to the bucket's region."
_BUCKET = "Create the bucket, or set S3_BUCKET (storage.bucket of the tenant) to one that is there."
_RIGHTS = (
    "Allow s3:PutObject and s3:GetObject on the bucket's objects to the credentials that are used; for the clean-up "
    "also s3:DeleteObject, and s3:ListBucket on the bucket."
)
_CLOCK = "Set the clock of this machine."


def _all(outlook: Outlook, fix: str, *codes: str) -> dict[str, Meaning]:
    return dict.fromkeys(codes, Meaning(outlook, fix))


CODES: Mapping[str, Meaning] = {
    **_all(Outlook.REJECTED, _BUCKET, "NoSuchBucket", "InvalidBucketName"),
    **_all(Outlook.REJECTED, _RIGHTS, "AccessDenied", "AllAccessDisabled"),
    **_all(Outlook.REJECTED, _KEY, "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken"),
    **_all(
        Outlook.REJECTED,
        "Renew the credentials; they are only valid for a time.",
        "ExpiredToken",
        "TokenRefreshRequired",
    ),
    **_all(
        Outlook.REJECTED,
        _REGION,
        "AuthorizationHeaderMalformed",
        "PermanentRedirect",
        "TemporaryRedirect",
        "IllegalLocationConstraintException",
    ),
    **_all(Outlook.REJECTED, _CLOCK, "RequestTimeTooSkewed"),
    **_all(Outlook.REJECTED, "The bucket's owner must put the account in order.", "AccountProblem", "NotSignedUp"),
    **_all(Outlook.REJECTED, "Free some space, or raise the quota of the bucket.", "QuotaExceeded", "EntityTooLarge"),
    **_all(Outlook.NOT_DONE, "", "BadDigest", "IncompleteBody", "SlowDown", "RequestLimitExceeded", "OperationAborted"),
    **_all(Outlook.UNSURE, "", "InternalError", "ServiceUnavailable", "RequestTimeout"),
}


def fault_of(error: Exception) -> Fault:
    """Returns the fault of an exception of botocore; words of those without an answer are ours, for theirs may leak."""
    if not isinstance(error, botocore.ClientError):
        return next(fault for kind, fault in _WITHOUT_ANSWER if isinstance(error, kind))
    said, meta = error.response.get("Error", {}), error.response.get("ResponseMetadata", {})
    code = str(said.get("Code") or "")
    words = VendorWords(
        codes=(code,) if code and not code.isdecimal() else (),
        message=str(said.get("Message") or "the request failed"),
        request_id=meta.get("RequestId") or None,
    )
    return classify(int(meta.get("HTTPStatusCode") or 0), words, CODES)


def fault_of_stored(answer: Mapping[str, Any], checksum: str) -> Fault | None:
    """Returns what an answer to a PUT lacks of a success: S3's has an ETag, a proxy's page in its place has none."""
    stored = answer.get("ChecksumSHA256")
    if stored not in (None, checksum):
        return _DAMAGED
    return None if stored or answer.get("ETag") else _NOT_S3


def _without_answer(code: str, message: str, outlook: Outlook, fix: str = "") -> Fault:
    return Fault(code, Meaning(outlook, fix), VendorWords(message=message))


_DAMAGED = _without_answer(
    "checksum_mismatch", "what is stored differs from what was sent", Outlook.UNSURE, "Run the stage again."
)
_NOT_S3 = _without_answer(
    "no_confirmation",
    "the answer is none of S3's, such as the page of a proxy",
    Outlook.UNSURE,
    "Check what stands between this machine and the bucket, then run the stage again.",
)

_WITHOUT_ANSWER: tuple[tuple[type[Exception] | tuple[type[Exception], ...], Fault], ...] = (
    (
        (
            botocore.NoCredentialsError,
            botocore.PartialCredentialsError,
            botocore.CredentialRetrievalError,
            botocore.MetadataRetrievalError,
            botocore.TokenRetrievalError,
            botocore.SSOError,
        ),
        _without_answer("no_credentials", "there are no credentials for S3", Outlook.REJECTED, _KEY),
    ),
    (
        (botocore.ProfileNotFound, botocore.ConfigNotFound, botocore.ConfigParseError),
        _without_answer("profile", "the AWS profile can't be read", Outlook.REJECTED, "Check AWS_PROFILE."),
    ),
    (
        (botocore.NoRegionError, botocore.InvalidRegionError),
        _without_answer("region", "the region is unknown", Outlook.REJECTED, _REGION),
    ),
    (
        botocore.ParamValidationError,
        _without_answer(
            "InvalidBucketName", "the bucket or key has a name that S3 never allows", Outlook.REJECTED, _BUCKET
        ),
    ),
    (
        botocore.ConnectTimeoutError,
        _without_answer("timeout", "no connection to S3 could be made in time", Outlook.NOT_DONE, "Check the network."),
    ),
    (botocore.ReadTimeoutError, _without_answer("timeout", "S3 did not answer in time", Outlook.UNSURE)),
    (
        botocore.SSLError,
        _without_answer(
            "certificate", "no secure connection to S3 could be made", Outlook.UNSURE, "Check AWS_CA_BUNDLE."
        ),
    ),
    (
        botocore.EndpointConnectionError,
        _without_answer(
            "connection",
            "no connection to S3 could be made",
            Outlook.NOT_DONE,
            "Check the network and AWS_ENDPOINT_URL_S3.",
        ),
    ),
    (botocore.HTTPClientError, _without_answer("connection", "the connection to S3 broke", Outlook.UNSURE)),
    (
        Exception,
        _without_answer(
            "configuration", "the S3 client can't be used as it is set up", Outlook.REJECTED, "Check the AWS settings."
        ),
    ),
)
"""By kind of exception, the first that fits."""
