"""Who can speak: the engines of this package, and those that other packages add."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib.metadata import entry_points
from pathlib import Path

from esl_pipeline.clients import ElevenLabsClient, OpenAiSpeechClient
from esl_pipeline.clients.local_voice import LocalVoiceEngine
from esl_pipeline.clients.neural_voice import NeuralVoiceEngine
from esl_pipeline.speech import SpeechEngine
from esl_pipeline.stages.environment import SPEECH_KEYS, ConfigurationError

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
        variables: of the environment.
    """

    tenant: str
    home: Path
    live: bool
    max_concurrent: int = 1
    model: str | None = None
    base_url: str | None = None
    endpoint: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)

    def secret(self, variable: str) -> str:
        """Returns a credential; for the sandbox's stand-ins of vendors, which take any, one that is none.

        Raises:
            ConfigurationError: it is not set, or the sandbox has no stand-in that could be given one.
        """
        if not self.live and self.base_url:
            return "sandbox"
        if not self.live:
            raise ConfigurationError(f"The sandbox gives no credentials to engines, and so not {variable}.")
        if not self.variables.get(variable):
            raise ConfigurationError(f"Set {variable}, or choose another speech.engine for {self.tenant}.")
        return self.variables[variable]


EngineMaker = Callable[[EngineSetup], SpeechEngine]
"""Makes a tenant's engine, without asking anybody over the network."""


def _elevenlabs(setup: EngineSetup) -> SpeechEngine:
    return ElevenLabsClient(
        setup.secret(SPEECH_KEYS["elevenlabs"]),
        setup.base_url or ELEVENLABS_URL,
        endpoint=setup.endpoint,
        tenant=setup.tenant,
        max_concurrent=setup.max_concurrent,
    )


def _openai(setup: EngineSetup) -> SpeechEngine:
    return OpenAiSpeechClient(
        setup.secret(SPEECH_KEYS["openai"]),
        setup.base_url or OPENAI_URL,
        model=setup.model,
        endpoint=setup.endpoint,
        tenant=setup.tenant,
        max_concurrent=setup.max_concurrent,
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
        known = engine_names()
        meant = get_close_matches(name, known, 1)
        hint = f"Did you mean {meant[0]}? " if meant else ""
        raise ConfigurationError(f"There is no speech.engine “{name}”. {hint}Installed are {', '.join(known)}.")
    try:
        maker: EngineMaker = found.load()
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(f"The speech.engine “{name}” ({found.value}) can't be loaded: {error}.") from error
    return maker
