"""Opens the place of the state, as the environment names it."""

from __future__ import annotations

from esl_pipeline.clients import s3_client
from esl_pipeline.stages.environment import ConfigurationError, Environment
from esl_pipeline.stores.state import State, StateAddressError, open_state


def open_state_of(environment: Environment) -> State:
    """Returns the stores that ``ESL_STATE`` names; nobody is asked yet.

    Raises:
        ConfigurationError: the address is none.
    """
    try:
        return open_state(environment.state_address, environment.state, f"{environment.target}/", s3_client)
    except StateAddressError as error:
        raise ConfigurationError(f"ESL_STATE: {error}") from error
