"""What the speech stage works with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from esl_pipeline.audio import cut, is_silent
from esl_pipeline.lessons import Lesson
from esl_pipeline.manifests.settings import SpeechSettings
from esl_pipeline.speech import SegmentRequest, SpeechEngine, SpeechModel
from esl_pipeline.speech.engine import Spoken
from esl_pipeline.speech.timings import CharacterTimings
from esl_pipeline.stages.context import JobContext
from esl_pipeline.stages.segment_file import (
    COST,
    TIMINGS,
    WAV,
    from_cost_file,
    from_timings_file,
    from_wav,
    to_cost_file,
    to_timings_file,
    to_wav,
)
from esl_pipeline.stores.catalogues import CatalogueStore
from esl_pipeline.stores.protocols import ArtifactStore
from esl_pipeline.stores.usage import UsageStore


@dataclass(frozen=True)
class Sound:
    """How long a stored segment is, and whether nobody speaks in it."""

    samples: int
    sample_rate_hz: int
    silent: bool

    @property
    def seconds(self) -> float:
        """The same in seconds."""
        return self.samples / self.sample_rate_hz


@dataclass(frozen=True)
class SpeechWork:
    """One run of the speech stage: for whom, who speaks, and where speech, money and voices are kept."""

    context: JobContext
    lesson: Lesson
    engine: SpeechEngine
    artifacts: ArtifactStore
    usage: UsageStore
    catalogues: CatalogueStore

    @property
    def settings(self) -> SpeechSettings:
        """The settings of speech."""
        return self.context.settings.speech

    @cached_property
    def model(self) -> SpeechModel:
        """What the chosen model takes."""
        return self.engine.model(self.settings.model)

    def is_stored(self, sha256: str) -> bool:
        """Tells whether there is audio; it may prove damaged when it is read."""
        return self.artifacts.has(self.context.tenant, sha256, WAV)

    def sound(self, sha256: str) -> Sound | None:
        """Returns how long the audio is, None where there is none or it is damaged."""
        try:
            pcm, sample_rate_hz = from_wav(self.artifacts.get(self.context.tenant, sha256, WAV))
        except KeyError:
            return None
        return Sound(len(pcm) // 2, sample_rate_hz, is_silent(pcm, sample_rate_hz))

    def stretches(self, request: SegmentRequest) -> Sequence[tuple[int, int]]:
        """Returns where in its stored audio each input of a request begins, and how many samples it has."""
        pcm, sample_rate_hz = from_wav(self.artifacts.get(self.context.tenant, request.sha256, WAV))
        weights = [len(spoken.text) for spoken in request.inputs]
        return cut(pcm, sample_rate_hz, weights, self.timings(request.sha256))

    def timings(self, sha256: str) -> CharacterTimings | None:
        """Returns when each character is heard, None where nobody told."""
        try:
            return from_timings_file(self.artifacts.get(self.context.tenant, sha256, TIMINGS))
        except KeyError:
            return None

    def cost(self, request: SegmentRequest) -> int:
        """Returns the credits that were billed, an estimate where that was not recorded."""
        try:
            return from_cost_file(self.artifacts.get(self.context.tenant, request.sha256, COST))
        except KeyError:
            return request.characters

    def store(self, request: SegmentRequest, spoken: Spoken) -> int:
        """Keeps what arrived, the audio first; returns its credits."""
        put, tenant, sha256 = self.artifacts.put, self.context.tenant, request.sha256
        put(tenant, sha256, WAV, to_wav(spoken.pcm, spoken.sample_rate_hz))
        cost = request.characters if spoken.character_cost is None else spoken.character_cost
        put(tenant, sha256, COST, to_cost_file(cost))
        if spoken.timings:
            put(tenant, sha256, TIMINGS, to_timings_file(spoken.timings))
        return cost
