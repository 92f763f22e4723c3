"""Makes a track of some minutes in a process of its own, and prints what it needed and what it made."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from esl_pipeline.audio import TrackSegment, make_track
from esl_pipeline_tests.audio.sounds import SETTINGS, babble, pcm

TURN_S = 6.0
TAGS = {"title": "A long lesson"}


@dataclass(frozen=True)
class Made:
    """``own_mib`` is the memory that the track took at most, without the program; times are without its start."""

    minutes: float
    sha256: str
    own_mib: float
    peak_mib: float
    cpu_s: float
    wall_s: float
    loudness_lufs: float
    true_peak_dbtp: float


def dialogue(minutes: float) -> list[TrackSegment]:
    """Two speakers, one of them 14 dB quieter, who take turns; what is heard differs only in its order."""
    sounds = [pcm(babble(TURN_S, seed=seed, rms=(0.1, 0.02)[seed % 2])) for seed in range(6)]
    turns = round(minutes * 60 / (TURN_S + SETTINGS.pause_ms / 1000))
    return [
        TrackSegment(("Kim", "Lee")[n % 2], f"Turn {n}.", lambda sound=sounds[n % 6]: (sound, 24_000))  # type: ignore[misc]
        for n in range(turns)
    ]


def made_elsewhere(minutes: float) -> Made:
    """Makes the track in a new process."""
    command = [sys.executable, "-m", __name__, str(minutes)]
    return Made(**json.loads(subprocess.run(command, check=True, capture_output=True, timeout=600).stdout))


def _peak_mib() -> float:
    """Returns the most memory so far; ``getrusage`` would count that of the process which started this one."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    (peak_kib,) = (line.split()[1] for line in status.read_text("ascii").splitlines() if line.startswith("VmHWM"))
    return int(peak_kib) / 1024


def main() -> None:
    segments = dialogue(float(sys.argv[1]))
    before_mib, cpu_s, wall_s = _peak_mib(), time.process_time(), time.perf_counter()
    with make_track(segments, SETTINGS, tags=TAGS) as track:
        spent = {"cpu_s": time.process_time() - cpu_s, "wall_s": time.perf_counter() - wall_s}
        memory = {"own_mib": _peak_mib() - before_mib, "peak_mib": _peak_mib()}
        heard = {"loudness_lufs": track.loudness_lufs, "true_peak_dbtp": track.true_peak_dbtp}
        minutes = track.samples / track.sample_rate_hz / 60
        print(json.dumps({"minutes": minutes, "sha256": track.sha256, **memory, **spent, **heard}))


if __name__ == "__main__":
    main()
