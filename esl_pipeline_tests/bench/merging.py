"""Merges ten minutes of dialogue, and has FFmpeg's own program do so: concat, loudnorm, MP3."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from imageio_ffmpeg import get_ffmpeg_exe

from esl_pipeline.audio import measure
from esl_pipeline.stages.segment_file import to_wav
from esl_pipeline_tests.audio.long_track import dialogue, made_elsewhere
from esl_pipeline_tests.audio.sounds import SETTINGS

MINUTES = 10
WATCH = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss)
"""
"""A small program that starts FFmpeg: the system counts the starter's memory as its own."""


@dataclass(frozen=True)
class Merged:
    """One way to make the track, per minute of it."""

    name: str
    wall_s: float
    cpu_s: float
    peak_mib: float
    loudness_lufs: float
    true_peak_dbtp: float


@dataclass(frozen=True)
class _Spent:
    wall_s: float
    cpu_s: float
    peak_mib: float
    said: str


def merged() -> list[Merged]:
    """Makes the track in each way, one after the other, each in a process of its own."""
    ours = made_elsewhere(MINUTES)
    per_minute = ours.wall_s / ours.minutes, ours.cpu_s / ours.minutes
    rows = [Merged("esl_pipeline.audio", *per_minute, ours.peak_mib, ours.loudness_lufs, ours.true_peak_dbtp)]
    with tempfile.TemporaryDirectory() as folder:
        inputs = _segment_files(Path(folder))
        rows.append(_by_ffmpeg(inputs, "ffmpeg, loudnorm in one pass", passes=1))
        rows.append(_by_ffmpeg(inputs, "ffmpeg, loudnorm in two passes", passes=2))
    return rows


def render(rows: Sequence[Merged]) -> str:
    """Returns the rows as a Markdown table, with each time also as a ratio to the first."""
    lines = [
        f"| {MINUTES} minutes of track | wall s/min | ratio | processor s/min | ratio | peak MiB | LUFS | dBTP |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    first = rows[0]
    lines += [
        f"| {r.name} | {r.wall_s:.2f} | {r.wall_s / first.wall_s:.2f} | {r.cpu_s:.2f} | {r.cpu_s / first.cpu_s:.2f} "
        f"| {r.peak_mib:.0f} | {r.loudness_lufs:.1f} | {r.true_peak_dbtp:.1f} |"
        for r in rows
    ]
    return "\n".join(lines)


def _segment_files(folder: Path) -> list[str]:
    names = []
    for number, segment in enumerate(dialogue(MINUTES)):
        path = folder / f"{number:04}.wav"
        path.write_bytes(to_wav(*segment.load()))
        names += ["-i", str(path)]
    return names


def _by_ffmpeg(inputs: list[str], name: str, *, passes: int) -> Merged:
    turns = len(inputs) // 2
    pause_s = SETTINGS.pause_ms / 1000
    padded = ";".join(f"[{n}:a]apad=pad_dur={pause_s}[p{n}]" for n in range(turns))
    joined = f"{padded};{''.join(f'[p{n}]' for n in range(turns))}concat=n={turns}:v=0:a=1"
    loudnorm = f"loudnorm=I={SETTINGS.loudness_lufs}:TP={SETTINGS.true_peak_dbtp}:print_format=json"
    with tempfile.TemporaryDirectory() as folder:
        mp3 = Path(folder) / "track.mp3"
        spent = []
        if passes == 2:
            spent.append(_run([*inputs, "-filter_complex", f"{joined},{loudnorm}", "-f", "null", "-"]))
            loudnorm = f"{loudnorm}:linear=true:{_measured(spent[0].said)}"
        encoded = ["-ar", "44100", "-ac", "1", "-b:a", f"{SETTINGS.bitrate_kbps}k", str(mp3)]
        spent.append(_run([*inputs, "-filter_complex", f"{joined},{loudnorm}", *encoded]))
        heard = measure(mp3.read_bytes())
    minutes = heard.samples / heard.sample_rate_hz / 60
    wall_s, cpu_s = (sum(times) / minutes for times in zip(*((s.wall_s, s.cpu_s) for s in spent), strict=True))
    peak_mib = max(one.peak_mib for one in spent)
    return Merged(name, wall_s, cpu_s, peak_mib, heard.loudness_lufs, heard.true_peak_dbtp)


def _measured(said: str) -> str:
    """Returns what the first pass measured, as options of the second."""
    found = json.loads(said[said.rindex("{") : said.rindex("}") + 1])
    options = {"I": "input_i", "TP": "input_tp", "LRA": "input_lra", "thresh": "input_thresh"}
    return ":".join(f"measured_{option}={found[key]}" for option, key in options.items())


def _run(arguments: list[str]) -> _Spent:
    """Runs FFmpeg and returns what it took."""
    command = [get_ffmpeg_exe(), "-hide_banner", "-nostdin", *arguments]
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", WATCH, *command], capture_output=True, check=False)
    wall_s = time.perf_counter() - start
    said = done.stderr.decode("utf-8", "replace")
    if done.returncode:
        raise SystemExit(said)
    cpu_s, peak_kib = map(float, done.stdout.split())
    return _Spent(wall_s, cpu_s, peak_kib / 1024, said)
