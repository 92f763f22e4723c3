"""Who or what asked for a run, by the tags that Dagster and whoever launched it gave it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from esl_pipeline.stages.audit_writing import ACTOR

ACTOR_TAG = "esl/actor"
USER_TAGS = ("user", "dagster/user")
"""Tags by which a gateway in front of Dagster, or whoever launches, tells a name."""

USER_HEADER = "X-Remote-User"
"""Header by which a gateway tells the web server who asks; the gateway replaces one that a browser sends."""

BY_DAGSTER = {"dagster/sensor_name": "sensor", "dagster/schedule_name": "schedule"}
NAME = re.compile(r"[^\s:]\S{0,98}")


def actor_of(tags: Mapping[str, str]) -> str:
    """Returns the actor of a run, as it stands in the audit log; ``operator`` where nobody told a name.

    What Dagster itself tags wins. The other tags are as true as those who may launch runs: the launchpad takes any.
    """
    for tag, kind in BY_DAGSTER.items():
        if name := tags.get(tag):
            return _named(kind, name)
    if ACTOR.fullmatch(given := tags.get(ACTOR_TAG, "")):
        return given
    return _named("operator", next((tags[tag] for tag in USER_TAGS if tags.get(tag)), ""))


def tags_of_user(name: str) -> dict[str, str]:
    """Returns the tags of a run that the gateway's user asked for; they win over names that the launchpad was given."""
    return {USER_TAGS[0]: name, ACTOR_TAG: _named("operator", name)}


def _named(kind: str, name: str) -> str:
    return f"{kind}:{name}" if NAME.fullmatch(name) else kind
