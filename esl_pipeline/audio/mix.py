"""Where each sound is in the track, how loud its speaker is made, and the samples of the whole, block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from esl_pipeline.audio.loudness import SILENCE_LUFS, LoudnessMeter, loudness_of_blocks
from esl_pipeline.audio.mp3 import encodable_length
from esl_pipeline.audio.pcm import PcmSegment, Samples
from esl_pipeline.audio.scratch import Scratch, Sound

RATE_HZ = 44_100
MAX_SPEAKER_GAIN_DB = 30.0
"""A speaker who is quieter than the target by more is hardly there: only noise would come up."""


@dataclass(frozen=True, slots=True)
class Part:
    """A segment that is to be heard, and the silence after it.

    Attributes:
        pause_ms: how long, before the next part.
        new_turn: whether it is the first of its turn.
        again: gives the silence in samples, from the sound's length, before the same is heard once more; None for once.
    """

    segment: PcmSegment
    pause_ms: int
    new_turn: bool = True
    again: Callable[[int], int] | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """A sound in the track: samples ``start`` up to ``stop``."""

    sound: Sound
    speaker: str
    text: str
    start: int
    stop: int
    new_turn: bool


@dataclass(frozen=True, slots=True)
class Mix:
    """A whole track before it has its loudness: ``samples`` long, as many as MP3 can hold exactly."""

    scratch: Scratch
    placed: tuple[Placed, ...]
    gains: Mapping[str, float]
    samples: int

    def blocks(self, gain: float = 1.0) -> Iterator[Samples]:
        """Yields all samples, louder by a factor."""
        at = 0
        for part in self.placed:
            yield np.zeros(part.start - at, np.float32)
            factor = np.float32(self.gains[part.speaker] * gain)
            for block in self.scratch.blocks(part.sound, RATE_HZ):
                yield block * factor
            at = part.stop
        yield np.zeros(self.samples - at, np.float32)


def mix(parts: Iterable[Part], scratch: Scratch, *, end_pause_ms: int, loudness_lufs: float) -> Mix:
    """Takes each part once, keeps its sound, and brings the speakers to one loudness."""
    placed: list[Placed] = []
    voices = _Voices()
    at = pause = 0
    for part in parts:
        sound, kept = scratch.keep(part.segment)
        voices.hear(part.segment.speaker, kept * np.float32(1 / 32768), sound.rate_hz)
        placed.append(_place(part, sound, at + pause, new_turn=part.new_turn))
        at = placed[-1].stop
        if part.again:
            placed.append(_place(part, sound, at + part.again(placed[-1].stop - placed[-1].start), new_turn=False))
            at = placed[-1].stop
        pause = samples_of(part.pause_ms)
    samples = encodable_length(at + samples_of(end_pause_ms))
    return Mix(scratch, tuple(placed), voices.gains(loudness_lufs), samples)


def _place(part: Part, sound: Sound, start: int, *, new_turn: bool) -> Placed:
    segment = part.segment
    return Placed(sound, segment.speaker, segment.text, start, start + sound.length_at(RATE_HZ), new_turn)


def samples_of(pause_ms: int) -> int:
    """Returns how many samples of the track a time has."""
    return round(pause_ms * RATE_HZ / 1000)


class _Voices:
    """How loud each speaker is in all they say, at the rates they came in."""

    def __init__(self) -> None:
        self._meters: dict[str, dict[int, LoudnessMeter]] = {}

    def hear(self, speaker: str, samples: Samples, rate_hz: int) -> None:
        by_rate = self._meters.setdefault(speaker, {})
        by_rate.setdefault(rate_hz, LoudnessMeter(rate_hz)).feed(samples)

    def gains(self, target_lufs: float) -> dict[str, float]:
        """Returns a factor for each speaker, one for all they say: single words measure badly."""
        return {speaker: _gain(by_rate.values(), target_lufs) for speaker, by_rate in self._meters.items()}


def _gain(meters: Iterable[LoudnessMeter], target_lufs: float) -> float:
    loudness_lufs = loudness_of_blocks([meter.block_powers() for meter in meters])
    if loudness_lufs <= SILENCE_LUFS:
        return 1.0
    gain_db = float(np.clip(target_lufs - loudness_lufs, -MAX_SPEAKER_GAIN_DB, MAX_SPEAKER_GAIN_DB))
    return float(10 ** (gain_db / 20))
