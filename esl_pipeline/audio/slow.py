"""The same speech at another pace and the same pitch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
from av.filter import Graph
from numpy.typing import NDArray

from esl_pipeline.audio.segments import TrackSegment

SLOWEST, FASTEST = 0.5, 2.0
"""What ``atempo`` takes without leaving samples out.

**Source**: FFmpeg Filters Documentation, atempo. Read 2026-11-24.
"""
_BLOCK = 1 << 16


def slowed(segment: TrackSegment, pace: float) -> TrackSegment:
    """Returns the segment as it is heard at another pace; its sound is stretched when it is loaded.

    Args:
        segment: of any sample rate.
        pace: 0.5 to 2; 1 is the segment's own, less is slower. Timings of the segment are to be divided by it.

    Raises:
        ValueError: the pace is out of range.
    """
    if not SLOWEST <= pace <= FASTEST:
        raise ValueError(f"a pace must be from {SLOWEST} to {FASTEST}, not {pace}")

    def load() -> tuple[bytes, int]:
        whole = segment.loaded()
        return stretched(whole.samples, whole.sample_rate_hz, pace), whole.sample_rate_hz

    return replace(segment, load=load, begin=0, samples=None)


def stretched(pcm: bytes, rate_hz: int, pace: float) -> bytes:
    """Returns the samples at another pace: as many as were given, divided by it and rounded.

    Args:
        pcm: signed 16 bit little-endian, mono.
        rate_hz: samples per second.
        pace: 0.5 to 2; less than 1 is slower.
    """
    wanted = 2 * round(len(pcm) // 2 / pace)
    sound = b"".join(_filtered(np.frombuffer(pcm, "<i2"), rate_hz, pace))[:wanted]
    return sound.ljust(wanted, b"\0")


def _filtered(samples: NDArray[np.int16], rate_hz: int, pace: float) -> Iterator[bytes]:
    graph = Graph()
    time_base = Fraction(1, rate_hz)
    source = graph.add_abuffer(sample_rate=rate_hz, format="s16", layout="mono", time_base=time_base)
    graph.link_nodes(source, graph.add("atempo", str(pace)), graph.add("abuffersink")).configure()
    for start in range(0, samples.size, _BLOCK):
        frame = av.AudioFrame.from_ndarray(samples[np.newaxis, start : start + _BLOCK], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate_hz, start, time_base
        graph.push(frame)
        yield from _pulled(graph)
    if samples.size:
        graph.push(None)
        yield from _pulled(graph)


def _pulled(graph: Graph) -> Iterator[bytes]:
    while True:
        try:
            frame = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        if isinstance(frame, av.AudioFrame):
            yield frame.to_ndarray().astype("<i2").tobytes()
