"""What the vendors take from the credential that a tenant's requests carry."""

from __future__ import annotations

from esl_pipeline.clients.notion import REQUESTS_PER_MINUTE
from esl_pipeline.clients.pace import PaceLimits
from esl_pipeline.manifests import environment_layer
from esl_pipeline.manifests.resolve import resolve
from esl_pipeline.manifests.settings import NotionSettings, SpeechSettings
from esl_pipeline.stages.environment import SPEECH_KEYS, Environment
from esl_pipeline.stores.secrets import SecretProvider


class AccountLimits:
    """Tells limits.

    Those of a tenant's own credential are in its settings. Those of a credential that many share are in the
    installation's, so that no tenant's settings take anything from the others.

    Args:
        environment: whose variables say what the shared credentials allow.
    """

    def __init__(self, environment: Environment) -> None:
        self._live = environment.live
        self._shared = resolve([environment_layer(environment.variables)]).settings

    def notion(self, secrets: SecretProvider, tenant: str, settings: NotionSettings) -> PaceLimits:
        """Returns the limits of the token; none in the sandbox where nobody sets one."""
        own = self._is_own(secrets, tenant, settings.token_secret, "NOTION_TOKEN")
        asked = (settings if own else self._shared.notion).requests_per_minute
        return PaceLimits(requests=asked or (REQUESTS_PER_MINUTE if self._live else None))

    def speech(self, secrets: SecretProvider, tenant: str, settings: SpeechSettings) -> PaceLimits:
        """Returns the limits of the engine's key."""
        own = self._is_own(secrets, tenant, settings.api_key_secret, SPEECH_KEYS.get(settings.engine))
        return PaceLimits(concurrent=(settings if own else self._shared.speech).max_concurrent_requests)

    def _is_own(self, secrets: SecretProvider, tenant: str, chosen: str | None, usual: str | None) -> bool:
        if not self._live:
            return False
        if chosen or not usual:
            return True
        return secrets.get(tenant, usual, shared=False) is not None
