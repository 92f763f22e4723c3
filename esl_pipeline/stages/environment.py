"""The one place that reads the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast, get_args

from dotenv import dotenv_values
from pydantic import SecretStr

from esl_pipeline.stages.structured_log import LogForm
from esl_pipeline.stores.secrets_environment import PREFIX

LIVE_VARIABLES = ("NOTION_TOKEN", "ELEVENLABS_API_KEY", "S3_BUCKET")
"""None of them set: the sandbox. AWS and OpenAI keys decide nothing by themselves: many laptops have some."""

SPEECH_KEYS = {"elevenlabs": "ELEVENLABS_API_KEY", "openai": "OPENAI_API_KEY"}
"""What an engine of ours needs to speak; the others need nothing that is looked at here."""

POSTGRES_URL = re.compile(r"postgresql(\+psycopg2)?://[^/\s]+/\S+")

DOTENV = Path(".env")
"""In the working directory; the process' own variables win over those in it."""


class ConfigurationError(Exception):
    """The installation is set up in a way that can't work; asking again can't help."""


@dataclass(frozen=True)
class Environment:
    """What the process was started with.

    Attributes:
        home: folder of all local state.
        inbox: folder that the manifest sensor watches, ``<tenant>/<assignment>.{yaml,json,md}``.
        inbox_address: what it watches instead; empty where it is that folder.
        queue_url: of the queue that asks for assignments; empty where none does.
        tenants: folder of tenant files, ``<tenant>.yaml``, and of the tracks' covers.
        state_address: where publications, account books and the like are; empty where they are files under ``state``.
        artifacts_address: where speech and tracks are; empty where they are files under ``state``.
        tenants_address: where tenants' settings are instead; empty where they are in that folder.
        tenants_token: for an HTTP server that gives them.
        log_form: how events are written to stderr; not at all where None.
        sandbox_port: first of the four ports that the sandbox listens on.
        secrets_address: where the vendors' credentials are, ``env`` for these variables.
        secrets_keys: that open the secrets in Postgres, newest first.
        variables: all variables, for the settings layer of the environment and for secrets; without those of real
            vendors in the sandbox.
    """

    home: Path
    inbox: Path
    tenants: Path
    sandbox_port: int
    live: bool
    inbox_address: str = field(default="", repr=False)
    queue_url: str = ""
    state_address: str = field(default="", repr=False)
    artifacts_address: str = field(default="", repr=False)
    tenants_address: str = field(default="", repr=False)
    tenants_token: SecretStr = field(default_factory=lambda: SecretStr(""))
    log_form: LogForm | None = None
    notion_base_url: str | None = None
    elevenlabs_base_url: str | None = None
    openai_base_url: str | None = None
    secrets_address: str = field(default="env", repr=False)
    secrets_keys: tuple[SecretStr, ...] = ()
    s3_bucket: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def target(self) -> str:
        """What keeps the sandbox's state apart from the real one, in folders and in shared stores."""
        return "live" if self.live else "sandbox"

    @property
    def state(self) -> Path:
        """Folder of publications and artifacts."""
        return self.home / self.target / "state"


def read_environment(variables: Mapping[str, str] | None = None, *, sandbox: bool = False) -> Environment:
    """Reads the environment once.

    Args:
        variables: taken from the process and its ``.env`` file where None.
        sandbox: True where the caller wants the sandbox whatever the credentials.

    Raises:
        ConfigurationError: some vendors have credentials and others have not, or a number is none.
    """
    given = {**_dotenv(), **os.environ} if variables is None else variables
    found = {name: value.strip() for name, value in given.items()}
    live = not sandbox and _is_live(found)
    home = Path(found.get("ESL_HOME") or ".esl").expanduser().resolve()
    tenants, inbox = found.get("ESL_TENANTS", ""), found.get("ESL_INBOX", "")
    return Environment(
        home=home,
        inbox=Path(inbox if inbox and "://" not in inbox else home / "inbox").expanduser().resolve(),
        inbox_address=inbox if "://" in inbox else "",
        queue_url=found.get("ESL_QUEUE", ""),
        tenants=Path(tenants if tenants and "://" not in tenants else home / "tenants").expanduser().resolve(),
        state_address=found.get("ESL_STATE", ""),
        artifacts_address=found.get("ESL_ARTIFACTS", ""),
        tenants_address=tenants if "://" in tenants else "",
        tenants_token=SecretStr(found.get("ESL_TENANTS_TOKEN", "")),
        sandbox_port=_port(found.get("ESL_SANDBOX_PORT") or "8770"),
        live=live,
        log_form=_log_form(found.get("ESL_LOG", "")),
        notion_base_url=found.get("ESL_NOTION_BASE_URL") or None,
        elevenlabs_base_url=found.get("ESL_ELEVENLABS_BASE_URL") or None,
        openai_base_url=found.get("ESL_OPENAI_BASE_URL") or None,
        secrets_address=found.get("ESL_SECRETS") or "env",
        secrets_keys=tuple(SecretStr(key) for key in found.get("ESL_SECRETS_KEYS", "").replace(",", " ").split()),
        s3_bucket=found.get("S3_BUCKET") or None if live else None,
        variables=found if live else _harmless(found),
    )


def dagster_postgres_url() -> SecretStr | None:
    """Returns the address of the Postgres of Dagster's own runs and events; None where they are files.

    Raises:
        ConfigurationError: it is none.
    """
    url = {**_dotenv(), **os.environ}.get("ESL_DAGSTER_POSTGRES_URL", "").strip()
    if url and not POSTGRES_URL.fullmatch(url):
        raise ConfigurationError(
            "ESL_DAGSTER_POSTGRES_URL is no address of a Postgres; give one like postgresql://user@host/database, "
            "or leave it out for files. (It is not shown here, because it may hold a password.)"
        )
    return SecretStr(url) if url else None


def _dotenv() -> dict[str, str]:
    found: Mapping[str, str | None] | None = None
    with suppress(OSError, UnicodeDecodeError):
        found = dotenv_values(DOTENV, interpolate=False)
    if found is None:
        # Not in a handler, because that exception holds what is in the file.
        raise ConfigurationError(f"The file {DOTENV.resolve()} can't be read as UTF-8.")
    variables = {name: value for name, value in found.items() if value is not None}
    for name, value in variables.items():
        if name.startswith("AWS_"):
            # Boto3 looks for them in the process alone.
            os.environ.setdefault(name, value)
    return variables


def _harmless(variables: Mapping[str, str]) -> dict[str, str]:
    return {k: v for k, v in variables.items() if k not in _LIVE_TARGETS and not k.startswith(PREFIX)}


_LIVE_TARGETS = {
    *LIVE_VARIABLES,
    *SPEECH_KEYS.values(),
    "ESL_SECRETS_KEYS",
    "ESL_TENANTS_TOKEN",
    "NOTION_DATA_SOURCE_ID",
    "NOTION_DB_ID",
    "NOTION_DATABASE_ID",
    "NOTION_PARENT_PAGE_ID",
    "STUDENTS_DATA_SOURCE_ID",
    "STUDENTS_DB_ID",
}


def _is_live(variables: Mapping[str, str]) -> bool:
    """Tells whether the real vendors are used; what speech needs is that of the installation's engine."""
    said, place = variables.get("ESL_LIVE", ""), variables.get("ESL_SECRETS") or "env"
    if said not in ("", "0", "1"):
        raise ConfigurationError(
            f"ESL_LIVE is {said!r}; give 1 for the real vendors, 0 for the sandbox, or leave it out."
        )
    if place != "env" and not said:
        raise ConfigurationError(
            "ESL_SECRETS names a place that is not asked before it is needed. Set ESL_LIVE=1 to publish to the real "
            "vendors, or ESL_LIVE=0 to use the sandbox."
        )
    return said == "1" if said else _has_credentials(variables)


def _has_credentials(variables: Mapping[str, str]) -> bool:
    engine = variables.get("ESL_SPEECH_ENGINE") or "elevenlabs"
    bucket = None if variables.get("ESL_STORAGE_PUBLISHING") == "notion" else "S3_BUCKET"
    needed = [name for name in ("NOTION_TOKEN", SPEECH_KEYS.get(engine), bucket) if name]
    given = [name for name in LIVE_VARIABLES if variables.get(name)]
    missing = [name for name in needed if not variables.get(name)]
    if given and missing:
        other = "" if not {*missing} & {*SPEECH_KEYS.values()} else " ESL_SPEECH_ENGINE=local speaks without a key."
        raise ConfigurationError(
            f"{' and '.join(given)} set, but not {' and '.join(missing)}. Set all of {', '.join(needed)} to publish "
            f"to the real vendors, or none of {', '.join(LIVE_VARIABLES)} to use the sandbox.{other}"
        )
    return bool(given)


def _log_form(text: str) -> LogForm | None:
    for form in get_args(LogForm):
        if text == form:
            return cast("LogForm", form)
    if text:
        raise ConfigurationError(f"ESL_LOG is {text!r}; give json or console, or leave it out.")
    return None


def _port(text: str) -> int:
    if text.isdecimal() and len(text) <= 5 and 1024 <= int(text) <= 65000:
        return int(text)
    raise ConfigurationError(f"ESL_SANDBOX_PORT is {text[:20]!r}; give a port from 1024 to 65000.")
