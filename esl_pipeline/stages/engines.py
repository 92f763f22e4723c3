"""Who can speak: the engines of this package, and those that other packages add."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path

from esl_pipeline.clients import ElevenLabsClient, OpenAiSpeechClient
from esl_pipeline.clients.local_voice import LocalVoiceEngine
from esl_pipeline.clients.neural_voice import NeuralVoiceEngine
from esl_pipeline.clients.pace import Paced
from esl_pipeline.speech import SpeechEngine
from esl_pipeline.stages.engine_choice import no_such_engine
from esl_pipeline.stages.environment import SPEECH_KEYS, ConfigurationError
from esl_pipeline.stages.wanted_secret import WantedSecret
from esl_pipeline.stores.secrets import SecretProvider, TenantSecrets
from esl_pipeline.stores.secrets_environment import EnvironmentSecrets

GROUP = "esl_pipeline.speech_engines"
"""Entry points of this group, each named as its engine, are makers of engines."""

ELEVENLABS_URL, OPENAI_URL = "https://api.elevenlabs.io", "https://api.openai.com"


@dataclass(frozen=True)
class EngineSetup:
    """What an engine is made with.

    Attributes:
        tenant: a checked slug.
        home: folder of local state; an engine keeps its files in a folder of its own name.
        live: False in the sandbox, where nothing may be bought.
        max_concurrent: requests under way at the same time, 1 or more.
        model: ``speech.model``, for engines whose voices depend on it; None for the engine's own default.
        base_url: where the vendor is; None where nobody set another address than its own.
        endpoint: names the place in the keys of segments; None where the address does.
        secrets: of the tenant.
        paced: asked before each request, so that all who share the credential keep its limits; nobody is where None.
        api_key_secret: name that the tenant chose for the engine's credential; None for the engine's own.
    """

    tenant: str
    home: Path
    live: bool
    max_concurrent: int = 1
    model: str | None = None
    base_url: str | None = None
    endpoint: str | None = None
    secrets: SecretProvider = field(default_factory=lambda: TenantSecrets(EnvironmentSecrets({})), repr=False)
    api_key_secret: str | None = None
    paced: Paced | None = field(default=None, repr=False)

    def secret(self, name: str) -> str:
        """Returns a credential; for the sandbox's stand-ins of vendors, which take any, one that is none.

        Args:
            name: the engine's own, such as ``HUMMING_API_KEY``; the tenant may have chosen another.

        Raises:
            ConfigurationError: there is none, or the sandbox has no stand-in that could be given one.
            SecretUnavailableError: asking again may help.
            SecretRefusedError: it can't.
        """
        if not self.live and self.base_url:
            return "sandbox"
        if not self.live:
            raise ConfigurationError(f"The sandbox gives no credentials to engines, and so not {name}.")
        wanted = WantedSecret("speech.api_key_secret", self.api_key_secret, name)
        return wanted.get(self.secrets, self.tenant, "choose another speech.engine").get_secret_value()


EngineMaker = Callable[[EngineSetup], SpeechEngine]
"""Makes a tenant's engine, without asking anybody over the network."""


def _elevenlabs(setup: EngineSetup) -> SpeechEngine:
    return ElevenLabsClient(
        setup.secret(SPEECH_KEYS["elevenlabs"]),
        setup.base_url or ELEVENLABS_URL,
        endpoint=setup.endpoint,
        tenant=setup.tenant,
        max_concurrent=setup.max_concurrent,
        paced=setup.paced,
    )


def _openai(setup: EngineSetup) -> SpeechEngine:
    return OpenAiSpeechClient(
        setup.secret(SPEECH_KEYS["openai"]),
        setup.base_url or OPENAI_URL,
        model=setup.model,
        endpoint=setup.endpoint,
        tenant=setup.tenant,
        max_concurrent=setup.max_concurrent,
        paced=setup.paced,
    )


def _local(setup: EngineSetup) -> SpeechEngine:  # noqa: ARG001 it needs nothing
    return LocalVoiceEngine()


def _neural(setup: EngineSetup) -> SpeechEngine:  # noqa: ARG001 it needs nothing
    return NeuralVoiceEngine()


BUILT_IN: Mapping[str, EngineMaker] = {
    "elevenlabs": _elevenlabs,
    "openai": _openai,
    "local": _local,
    "neural": _neural,
}


def make_engine(name: str, setup: EngineSetup) -> SpeechEngine:
    """Makes the engine of a name; no package can take the name of a built-in one.

    Raises:
        ConfigurationError: there is no such engine, it can't be loaded, or it lacks a credential.
    """
    maker = BUILT_IN.get(name) or _added(name)
    return maker(setup)


def engine_names() -> list[str]:
    """Returns the names of all engines that are installed, built-in ones first."""
    return [*BUILT_IN, *sorted(entry_points(group=GROUP).names - BUILT_IN.keys())]


def _added(name: str) -> EngineMaker:
    found = next(iter(entry_points(group=GROUP, name=name)), None)
    if found is None:
        raise ConfigurationError(" ".join(no_such_engine(name, engine_names())))
    try:
        maker: EngineMaker = found.load()
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(f"The speech.engine “{name}” ({found.value}) can't be loaded: {error}.") from error
    return maker
