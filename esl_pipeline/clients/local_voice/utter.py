"""Speaks one text and ends: a program of its own, because the engine repeats its bytes only in a fresh process.

Called as ``python utter.py ACCENT SPEED PITCH VOLUME``: takes text as UTF-8 on standard input, gives samples (signed
16 bit little-endian mono, 16 kHz) on standard output. It imports nothing of the package, so that it starts fast.
"""

from __future__ import annotations

import sys

from py_nanotts import NanoTTS  # type: ignore[import-untyped, import-not-found, unused-ignore]


def main() -> None:
    """Reads, speaks, writes."""
    accent, speed, pitch, volume = sys.argv[1:]
    text = sys.stdin.buffer.read().decode("utf-8")
    pcm = NanoTTS().speak(text, voice=accent, speed=float(speed), pitch=float(pitch), volume=float(volume))
    sys.stdout.buffer.write(pcm)


if __name__ == "__main__":
    main()
