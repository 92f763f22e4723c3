"""A secret that a setting names, or that has a name of its own."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import SecretStr

from esl_pipeline.stages.environment import ConfigurationError
from esl_pipeline.stores.secrets import SecretProvider


@dataclass(frozen=True)
class WantedSecret:
    """What is looked for.

    Attributes:
        setting: that may name it.
        chosen: the name that the tenant's settings give.
        usual: the name where they give none; the installation's secret of that name may stand in for the tenant's.
            Empty where only a chosen name will do.
    """

    setting: str
    chosen: str | None
    usual: str = ""

    def get(self, secrets: SecretProvider, tenant: str, otherwise: str = "") -> SecretStr:
        """Returns the secret.

        Args:
            secrets: where it is looked for.
            tenant: a slug.
            otherwise: what else would help, for the message.

        Raises:
            ConfigurationError: there is none.
            SecretUnavailableError: asking again may help.
            SecretRefusedError: it can't.
        """
        name = self.chosen or self.usual
        shared = name == self.usual
        found = secrets.get(tenant, name, shared=shared)
        if found is None:
            raise ConfigurationError(
                f"{tenant} has no secret {name}. Set {secrets.places(tenant, name, shared=shared)}"
                f"{f', or {otherwise}' if otherwise else ''}."
                + (f" The name is that of {self.setting}." if self.chosen else "")
            )
        return found
