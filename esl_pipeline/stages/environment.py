"""The one place that reads the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast, get_args

from pydantic import SecretStr

from esl_pipeline.stages.structured_log import LogForm

LIVE_VARIABLES = ("NOTION_TOKEN", "ELEVENLABS_API_KEY", "S3_BUCKET")
"""None of them set: the sandbox. AWS and OpenAI keys decide nothing by themselves: many laptops have some."""

SPEECH_KEYS = {"elevenlabs": "ELEVENLABS_API_KEY", "openai": "OPENAI_API_KEY"}
"""What an engine of ours needs to speak; the others need nothing that is looked at here."""


class ConfigurationError(Exception):
    """The installation is set up in a way that can't work; asking again can't help."""


@dataclass(frozen=True)
class Environment:
    """What the process was started with.

    Attributes:
        home: folder of all local state.
        inbox: folder that the manifest sensor watches, ``<tenant>/<assignment>.{yaml,json,md}``.
        tenants: folder of tenant files, ``<tenant>.yaml``, and of the tracks' covers.
        tenants_address: where tenants' settings are instead; empty where they are in that folder.
        tenants_token: for an HTTP server that gives them.
        log_form: how events are written to stderr; not at all where None.
        sandbox_port: first of the four ports that the sandbox listens on.
        variables: all variables, for the settings layer of the environment and the engines' credentials; without
            those of real vendors in the sandbox.
    """

    home: Path
    inbox: Path
    tenants: Path
    sandbox_port: int
    live: bool
    tenants_address: str = field(default="", repr=False)
    tenants_token: SecretStr = field(default_factory=lambda: SecretStr(""))
    log_form: LogForm | None = None
    notion_base_url: str | None = None
    elevenlabs_base_url: str | None = None
    openai_base_url: str | None = None
    notion_token: SecretStr = field(default_factory=lambda: SecretStr(""))
    s3_bucket: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def state(self) -> Path:
        """Folder of publications and artifacts; that of the sandbox is apart from the real one."""
        return self.home / ("live" if self.live else "sandbox") / "state"


def read_environment(variables: Mapping[str, str] | None = None, *, sandbox: bool = False) -> Environment:
    """Reads the environment once.

    Args:
        variables: taken from the process where None.
        sandbox: True where the caller wants the sandbox whatever the credentials.

    Raises:
        ConfigurationError: some vendors have credentials and others have not, or a number is none.
    """
    found = {name: value.strip() for name, value in (os.environ if variables is None else variables).items()}
    live = not sandbox and _is_live(found)
    home = Path(found.get("ESL_HOME") or ".esl").expanduser().resolve()
    tenants = found.get("ESL_TENANTS", "")
    return Environment(
        home=home,
        inbox=Path(found.get("ESL_INBOX") or home / "inbox").expanduser().resolve(),
        tenants=Path(tenants if tenants and "://" not in tenants else home / "tenants").expanduser().resolve(),
        tenants_address=tenants if "://" in tenants else "",
        tenants_token=SecretStr(found.get("ESL_TENANTS_TOKEN", "")),
        sandbox_port=_port(found.get("ESL_SANDBOX_PORT") or "8770"),
        live=live,
        log_form=_log_form(found.get("ESL_LOG", "")),
        notion_base_url=found.get("ESL_NOTION_BASE_URL") or None,
        elevenlabs_base_url=found.get("ESL_ELEVENLABS_BASE_URL") or None,
        openai_base_url=found.get("ESL_OPENAI_BASE_URL") or None,
        notion_token=SecretStr(found.get("NOTION_TOKEN", "") if live else ""),
        s3_bucket=found.get("S3_BUCKET") or None if live else None,
        variables=found if live else {k: v for k, v in found.items() if k not in _LIVE_TARGETS},
    )


_LIVE_TARGETS = {
    *LIVE_VARIABLES,
    *SPEECH_KEYS.values(),
    "NOTION_DATA_SOURCE_ID",
    "NOTION_DB_ID",
    "NOTION_DATABASE_ID",
    "NOTION_PARENT_PAGE_ID",
    "STUDENTS_DATA_SOURCE_ID",
    "STUDENTS_DB_ID",
}


def _is_live(variables: Mapping[str, str]) -> bool:
    """Tells whether the real vendors are used; what speech needs is that of the installation's engine."""
    engine = variables.get("ESL_SPEECH_ENGINE") or "elevenlabs"
    needed = [name for name in ("NOTION_TOKEN", SPEECH_KEYS.get(engine), "S3_BUCKET") if name]
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
    if text.isdecimal() and 1024 <= int(text) <= 65000:
        return int(text)
    raise ConfigurationError(f"ESL_SANDBOX_PORT is {text!r}; give a port from 1024 to 65000.")
