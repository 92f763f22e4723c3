"""Where tenants' settings come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class ConfigUnavailableError(Exception):
    """The place of the settings is out of reach; asking again may help."""


@dataclass(frozen=True, slots=True)
class ConfigText:
    """A tenant's document as it was read.

    Attributes:
        file: its name, for problems; ends in ``.yaml``, ``.yml`` or ``.json``.
        version: of exactly this content, in the provider's own words, such as an ETag; runs record it.
    """

    text: str
    file: str
    version: str


class ConfigProvider(Protocol):
    """Gives the tenants' documents, as text; what is in them is checked elsewhere."""

    def read(self, tenant: str) -> ConfigText | None:
        """Returns a tenant's document, None where it has no settings of its own.

        Raises:
            ConfigUnavailableError: asking again may help.
        """

    def tenants(self) -> Sequence[str]:
        """Returns the tenants that have a document, sorted; names that are no slugs are left out."""
