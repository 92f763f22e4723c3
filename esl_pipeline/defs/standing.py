"""Which tenants may not publish, as sensors and schedules ask at every tick."""

from __future__ import annotations

from functools import cache

from esl_pipeline.stages.environment import Environment
from esl_pipeline.stages.state_place import open_state_of
from esl_pipeline.stores.documents import Documents
from esl_pipeline.stores.standing import StandingStore

_opened: dict[tuple[str, str], Documents] = {}


def documents_of(environment: Environment) -> Documents:
    """Returns the documents of the state; the place that keeps them is opened once in a process."""
    place = (str(environment.state), environment.state_address or "")
    if place not in _opened:
        _opened[place] = open_state_of(environment).documents
    return _opened[place]


def standings_of(environment: Environment) -> StandingStore:
    """Returns the standings."""
    return StandingStore(documents_of(environment))


class Stopped:
    """Tells during one tick who may not publish; each tenant's standing is read once, when it is first asked for."""

    def __init__(self, standings: StandingStore) -> None:
        self._states = cache(lambda tenant: standings.read(tenant).state)

    def __call__(self, tenant: str) -> bool:
        """Tells whether a tenant may not publish.

        Raises:
            StoreUnavailableError: that can't be told now; the tick fails and the next one asks again.
        """
        return self._states(tenant) != "active"
