"""What the inbox asked for last, a document per tenant ``requests/<tenant>.json``."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from esl_pipeline.manifests import check_slug
from esl_pipeline.stores.documents import Documents

FOLDER: Final = "requests/"


class UnreadableRequestsError(Exception):
    """What a tenant's inbox asked for last is damaged; nothing of it is asked for until somebody has looked at it."""


class Asked(BaseModel):
    """A request for an assignment.

    Attributes:
        sha256: of the content that was asked for.
        request: how many there were until this one.
        stamp: of the files when they were read; empty where it does not tell when they change.
        lesson: path of the lesson below the tenant's folder; empty where the manifest is one itself.
        tick: that decided on it.
    """

    model_config = ConfigDict(frozen=True)

    sha256: str
    request: int
    stamp: str = ""
    lesson: str = ""
    tick: str = ""


class TenantRequests(BaseModel):
    """All last requests of a tenant, by assignment.

    Attributes:
        asked: a run was asked for.
        asking: a tick decided so; whether Dagster heard of it, later ticks find out.
    """

    asked: dict[str, Asked] = Field(default_factory=dict)
    asking: dict[str, Asked] = Field(default_factory=dict)


class RequestStore:
    """The requests of all tenants."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def read(self, tenant: str) -> tuple[TenantRequests, str | None]:
        """Returns a tenant's requests, and the version of their document for ``write``.

        Raises:
            UnreadableRequestsError: the document is damaged.
            StoreUnavailableError: asking again may help.
        """
        document = self._documents.get(key_of(tenant))
        if document is None:
            return TenantRequests(), None
        try:
            return TenantRequests.model_validate_json(document.content), document.version
        except ValidationError:
            message = (
                f"{document.key} is damaged. Put back a copy of it, or take it away to have all lessons asked for."
            )
            raise UnreadableRequestsError(message) from None

    def write(self, tenant: str, requests: TenantRequests, version: str | None) -> None:
        """Writes a tenant's requests.

        Raises:
            DocumentChangedError: somebody else wrote them since they were read.
            StoreUnavailableError: asking again may help.
        """
        content = requests.model_dump_json(exclude_defaults=True).encode()
        self._documents.put(key_of(tenant), content, expected=version)

    def delete(self, tenant: str) -> None:
        """Forgets a tenant's requests: what its inbox holds is due again."""
        self._documents.delete(key_of(tenant))


def key_of(tenant: str) -> str:
    """Returns the key of a tenant's document."""
    return f"{FOLDER}{check_slug(tenant, 'tenant')}.json"
