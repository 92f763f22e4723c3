"""The engines: SVOX Pico, which pip installs whole, and the voice that macOS brings."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
import wave
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from esl_pipeline.clients.local_voice.speaking import (
    Accent,
    Gender,
    Manner,
    SpeakingError,
    Utterance,
    phrases_and_pauses,
)

UTTER = Path(__file__).with_name("utter.py")
PICO_RATE_HZ = 16000
PICO_VOLUME = 0.5
"""Pico clips at its own volume."""

SAY_RATE_HZ = 22050
SAY_WORDS_PER_MINUTE = 175
SAY_VOICES: dict[tuple[Accent, Gender], tuple[str, ...]] = {
    ("american", "female"): ("Samantha", "Shelley (English (US))"),
    ("american", "male"): ("Alex", "Reed (English (US))", "Fred"),
    ("american", "neutral"): ("Sandy (English (US))", "Samantha"),
    ("british", "female"): ("Kate", "Serena", "Shelley (English (UK))"),
    ("british", "male"): ("Daniel", "Reed (English (UK))"),
    ("british", "neutral"): ("Sandy (English (UK))", "Daniel"),
}
"""The first that is installed speaks."""

_LISTED_VOICE = re.compile(r"^(\S.*?)\s+[a-z]{2,3}[_-]\w+\s+#", re.MULTILINE)
"""A line such as ``Daniel  en_GB  # Hello!``."""

SILENCE_S = 0.25
"""What is heard where there is no word to speak."""


class PicoEngine:
    """SVOX Pico through ``py_nanotts``, one process per text."""

    name = "pico"

    def speak(self, text: str, manner: Manner) -> Utterance:
        """See the Protocol. Formants move by playing at another rate, which pace and pitch make up for."""
        language = "en-GB" if manner.accent == "british" else "en-US"
        pace, pitch = manner.speed / manner.formants, manner.pitch / manner.formants
        command = [sys.executable, "-P", str(UTTER), language, f"{pace:.3f}", f"{pitch:.3f}", str(PICO_VOLUME)]
        return _spoken(text, round(PICO_RATE_HZ * manner.formants), lambda phrase: _run(command, phrase.encode()))


class SayEngine:
    """The command ``say`` of macOS.

    Args:
        command: the program.
    """

    name = "say"

    def __init__(self, command: str = "say") -> None:
        self._command = command

    def speak(self, text: str, manner: Manner) -> Utterance:
        """See the Protocol. The height of the voice follows its formants."""
        return _spoken(text, round(SAY_RATE_HZ * manner.formants), lambda phrase: self._say(phrase, manner))

    def _say(self, phrase: str, manner: Manner) -> bytes:
        pace = round(SAY_WORDS_PER_MINUTE * manner.speed / manner.formants)
        with TemporaryDirectory() as folder:
            spoken = Path(folder, "spoken.wav")
            form = [f"--data-format=LEI16@{SAY_RATE_HZ}", "--file-format=WAVE", "-o", str(spoken)]
            _run([self._command, *self._voice(manner), "-r", str(pace), *form, "-f", "-"], phrase.encode())
            with wave.open(str(spoken), "rb") as file:
                return file.readframes(file.getnframes())

    def _voice(self, manner: Manner) -> list[str]:
        wanted = SAY_VOICES[manner.accent, manner.gender]
        return next((["-v", name] for name in wanted if name in self._installed), [])

    @cached_property
    def _installed(self) -> frozenset[str]:
        listed = _run([self._command, "-v", "?"], b"").decode("utf-8", "replace")
        return frozenset(_LISTED_VOICE.findall(listed))


MachineEngine = PicoEngine | SayEngine
"""What a machine may have; ``name`` tells them apart, since they sound differently."""


def choose_engine(
    platform: str = sys.platform,
    has_module: Callable[[str], bool] = lambda name: importlib.util.find_spec(name) is not None,
    has_command: Callable[[str], bool] = lambda name: shutil.which(name) is not None,
) -> MachineEngine:
    """Returns the engine of this machine.

    Raises:
        SpeakingError: it has none.
    """
    if has_module("py_nanotts"):
        return PicoEngine()
    if platform == "darwin" and has_command("say"):
        return SayEngine()
    raise SpeakingError(
        "This machine has no local voice. Install it with `pip install py-nanotts==0.1.1` "
        "(Linux, Windows, macOS on Intel); macOS on Apple silicon has the command `say`, which was not found on PATH."
    )


def _run(command: list[str], text: bytes) -> bytes:
    """Runs the engine; a hundred characters may take it a second, and its start ten."""
    try:
        done = subprocess.run(command, input=text, capture_output=True, check=True, timeout=10 + len(text) / 100)
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or [f"exit code {error.returncode}"]
        raise SpeakingError(f"The local voice failed: {said[0]}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SpeakingError(f"The local voice failed: {error}") from error
    return done.stdout


def _spoken(text: str, rate_hz: int, speak_phrase: Callable[[str], bytes]) -> Utterance:
    """Speaks the phrases with their pauses between them."""
    pieces = [
        _silence(piece, rate_hz) if isinstance(piece, float) else speak_phrase(piece)
        for piece in phrases_and_pauses(text)
    ]
    return Utterance(b"".join(pieces) or _silence(SILENCE_S, rate_hz), rate_hz)


def _silence(seconds: float, rate_hz: int) -> bytes:
    return bytes(2 * round(rate_hz * seconds))
