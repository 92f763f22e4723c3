"""Where tenants' settings come from."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Protocol

from esl_pipeline.lessons.problems import Position
from esl_pipeline.manifests.errors import AskingError
from esl_pipeline.manifests.places import START
from esl_pipeline.manifests.rules import Rule, broken
from esl_pipeline.slugs import is_slug

SUFFIXES = (".yaml", ".yml", ".json")
"""Of a tenant's document where it is a file."""
MAX_BYTES = 1_000_000
"""Of a tenant's document."""


class ConfigUnavailableError(Exception):
    """The place of the settings is out of reach; asking again may help. The message holds no credential."""


class ConfigRefusedError(Exception):
    """The place of the settings refuses; asking again can't help. The message holds no credential."""


@dataclass(frozen=True, slots=True)
class ConfigText:
    """A tenant's document as it was read.

    Attributes:
        file: its name, for problems; ends in ``.yaml``, ``.yml`` or ``.json``.
        version: of exactly this content, in the provider's own words, such as an ETag; runs record it.
    """

    text: str = field(repr=False)
    file: str
    version: str


class ConfigProvider(Protocol):
    """Gives the tenants' documents, as text; what is in them is checked elsewhere.

    Both methods may raise ``ConfigUnavailableError`` (asking again may help) and ``ConfigRefusedError`` (it can't).
    """

    def read(self, tenant: str, known: ConfigText | None = None) -> ConfigText | None:
        """Returns a tenant's document, None where it has no settings of its own.

        Args:
            tenant: a slug.
            known: what was read before; it may be returned as it is where nothing has changed.

        Raises:
            SlugError: the tenant is no slug.
            AskingError: there are two documents, or it can't be read as text.
        """

    def tenants(self) -> Sequence[str]:
        """Returns the tenants that have a document, sorted; names that are no slugs are left out."""


def document_of(content: bytes, file: str, version: str = "") -> ConfigText:
    """Returns a document by its bytes.

    Args:
        content: at most one byte more than a document may have.
        file: its name.
        version: the provider's; where it has none, the content's SHA-256.

    Raises:
        AskingError: it is too large or not UTF-8.
    """
    if len(content) > MAX_BYTES:
        raise refused(file, f"The file has more than {MAX_BYTES:,} bytes.", "Check that it is the right file.")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        at = Position(content[: error.start].count(b"\n") + 1)
        raise refused(file, "The file is not UTF-8.", "Save it as UTF-8.", at) from error
    return ConfigText(text, file, version or hashlib.sha256(content).hexdigest())


def one_of(files: Collection[str]) -> str | None:
    """Returns the name of the only file of a tenant, None where there is none.

    Raises:
        AskingError: there are several.
    """
    first, *others = sorted(files) or [""]
    if others:
        raise refused(first, f"The tenant has more than one file: {' and '.join(sorted(files))}.", "Keep one of them.")
    return first or None


def tenants_in(names: Iterable[str]) -> list[str]:
    """Returns the tenants that have one of these files, sorted."""
    paths = (PurePosixPath(name) for name in names)
    return sorted({path.stem for path in paths if path.suffix in SUFFIXES and is_slug(path.stem)})


def refused(file: str, message: str, fix: str, at: Position = START) -> AskingError:
    """Returns the error of a document that can't be read at all."""
    return AskingError((broken(Rule.FILE, file, at, message, fix),))
