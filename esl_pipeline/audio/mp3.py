"""MP3 in and out, through FFmpeg's libraries in this process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import BinaryIO

import av
import numpy as np
from av.stream import Disposition

from esl_pipeline.audio.cover import Cover
from esl_pipeline.audio.pcm import Samples

FRAME_SAMPLES = 1152
"""Samples of an MP3 frame at 44.1 kHz."""
SHORTEST_LAST_FRAME = 47
"""A last frame with fewer samples (but not none) decodes to this many: LAME's delay of 1105 samples fills the rest.

**Source**: measured with PyAV 18.1 over all remainders; the tests repeat it.
"""
DECODED_FRAMES = 40
"""That are handed on at a time."""
LAME_LEVEL = {192: 0.97, 224: 0.98, 256: 1.0, 320: 1.0}
"""How much quieter LAME makes the sound, by kbit/s; see ``LAME_LEVEL_ELSE`` for the other rates."""
LAME_LEVEL_ELSE = 0.95
FAST = "7"
FAST_FROM_KBPS = 96
"""From here on speech in mono has bits to spare: LAME's fast quality takes 0.6 s per minute of sound instead of 0.9,
and the error stays 59 dB below speech at 128 kbit/s.
"""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of the track, in samples."""

    title: str
    start: int
    stop: int


def encodable_length(samples: int) -> int:
    """Returns the least number of samples, from ``samples`` on, that decodes to exactly as many."""
    in_last_frame = samples % FRAME_SAMPLES
    if in_last_frame == 0:
        return max(samples, FRAME_SAMPLES)
    return samples + max(SHORTEST_LAST_FRAME - in_last_frame, 0)


def encode(
    blocks: Iterable[Samples],
    file: BinaryIO,
    rate_hz: int,
    bitrate_kbps: int,
    tags: Mapping[str, str],
    chapters: Iterable[Chapter] = (),
    cover: Cover | None = None,
) -> None:
    """Encodes mono samples as they should be heard; the same arguments give the same bytes.

    Args:
        blocks: together as many samples as ``encodable_length`` allows, so that none is lost or added.
        file: takes the MP3; seekable.
        rate_hz: 44,100 or another rate of MP3.
        bitrate_kbps: LAME takes the nearest rate that MP3 has.
        tags: names as FFmpeg has them.
        chapters: in playing order.
        cover: the front cover.
    """
    louder = np.float32(1 / LAME_LEVEL.get(bitrate_kbps, LAME_LEVEL_ELSE))
    with av.open(file, "w", format="mp3") as container:
        container.metadata.update(tags)
        effort = {"compression_level": FAST} if bitrate_kbps >= FAST_FROM_KBPS else {}
        stream = container.add_stream("libmp3lame", rate_hz, effort, layout="mono", format="fltp")
        stream.bit_rate = bitrate_kbps * 1000
        container.set_chapters([_av_chapter(number, chapter, rate_hz) for number, chapter in enumerate(chapters)])
        if cover:
            _add_cover(container, cover)
        start = 0
        for block in blocks:
            if block.size:
                frame = av.AudioFrame.from_ndarray(block[np.newaxis] * louder, format="fltp", layout="mono")
                frame.sample_rate, frame.pts, frame.time_base = rate_hz, start, Fraction(1, rate_hz)
                container.mux(stream.encode(frame))
                start += block.size
        container.mux(stream.encode(None))


def _add_cover(container: av.container.OutputContainer, cover: Cover) -> None:
    stream = container.add_mux_stream(cover.codec, width=cover.width, height=cover.height)
    stream.disposition = Disposition.attached_pic
    stream.metadata["comment"] = "Cover (front)"
    packet = av.Packet(cover.content)
    packet.stream, packet.pts, packet.dts, packet.is_keyframe = stream, 0, 0, True
    container.mux(packet)


def _av_chapter(number: int, chapter: Chapter, rate_hz: int) -> av.container.core.Chapter:
    return {
        "id": number,
        "start": chapter.start,
        "end": chapter.stop,
        "time_base": Fraction(1, rate_hz),
        "metadata": {"title": chapter.title},
    }


def decoded(mp3: BinaryIO) -> Iterator[tuple[Samples, int]]:
    """Yields mono samples, of stereo the mean, about a second at a time, and how many there are per second.

    Raises:
        ValueError: it is no MP3, or a damaged one.
    """
    frames: list[Samples] = []
    try:
        with av.open(mp3, "r", format="mp3") as container:
            rate_hz = container.streams.audio[0].sample_rate
            for frame in container.decode(audio=0):
                sound = frame.to_ndarray()
                frames.append(sound[0] if len(sound) == 1 else sound.mean(axis=0, dtype=np.float32))
                if len(frames) == DECODED_FRAMES:
                    yield np.concatenate(frames), rate_hz
                    frames.clear()
    except (av.FFmpegError, IndexError) as error:
        raise ValueError(f"this is no MP3 that can be read: {error}") from error
    yield np.concatenate([np.zeros(0, np.float32), *frames]), rate_hz
