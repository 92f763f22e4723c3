"""The engine ``local`` as the speech stage sees it."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from esl_pipeline.clients.errors import RejectedError, UnavailableError
from esl_pipeline.clients.local_voice import LocalVoiceEngine
from esl_pipeline.clients.local_voice.resampling import resampled
from esl_pipeline.clients.local_voice.speaking import SpeakingError, Utterance
from esl_pipeline.clients.local_voice.speaking_engines import PicoEngine, SayEngine
from esl_pipeline.speech import SegmentRequest, SpokenInput, Voice, voices_from_catalogue
from esl_pipeline.speech.engine import SpeechEngine


def request(text: str, voice_id: str = "george", speed: float = 1.0) -> SegmentRequest:
    spoken = SpokenInput("Felix", Voice(voice_id, voice_id), text, text)
    return SegmentRequest("local", "local", "pico", (spoken,), {"speed": speed})


def test_it_costs_nothing_and_keeps_nothing() -> None:
    engine: SpeechEngine = LocalVoiceEngine(PicoEngine())
    assert (engine.name, engine.endpoint, engine.quota()) == ("local", "local", None)
    model = engine.model("eleven_v3")
    assert model.credits_per_character == model.usd_per_1000_characters == 0
    assert model.heeds == {"speed"}
    assert engine.synthesize(request("Hello.")).character_cost == 0
    assert engine.recover(request("Hello."), datetime.now(UTC)) is None


def test_speech_of_another_engine_is_never_taken_for_this_ones() -> None:
    assert LocalVoiceEngine(PicoEngine()).model(None).id != LocalVoiceEngine(SayEngine()).model(None).id


def test_voices_are_listed_with_labels_to_cast_by_and_found_by_id() -> None:
    engine = LocalVoiceEngine()
    voices = voices_from_catalogue(engine.list_voices())
    assert len(voices) == len({voice.name for voice in voices}) == 12
    assert {voice.accent for voice in voices} == {"american", "british"}
    assert all(voice.gender and voice.age and voice.use_case for voice in voices)
    assert [voice["name"] for voice in engine.find_voices(["daniel", "gone", "lily"])] == ["Lily", "Daniel"]


def test_all_voices_give_the_same_rate_and_the_same_bytes_for_the_same_words() -> None:
    engine = LocalVoiceEngine()
    asked = [request("Can you repeat that, please?", voice_id) for voice_id in ("sarah", "george", "brian")] * 2
    with ThreadPoolExecutor(4) as pool:
        spoken = list(pool.map(engine.synthesize, asked))
    assert {one.sample_rate_hz for one in spoken} == {24_000}
    hashes = [hashlib.sha256(one.pcm).hexdigest() for one in spoken]
    assert hashes[:3] == hashes[3:]
    assert len(set(hashes)) == 3


@pytest.mark.parametrize("speed", [0.5, 0.7, 1.2, 1.5])
def test_speed_is_heeded_over_the_whole_range(speed: float) -> None:
    text = "It is raining again, so take a coat and an umbrella, and mind the step."
    engine = LocalVoiceEngine()
    plain, other = (len(engine.synthesize(request(text, speed=pace)).pcm) for pace in (1.0, speed))
    assert plain / other == pytest.approx(speed, rel=0.2)


def test_another_rate_keeps_length_and_pitch() -> None:
    sine = (10_000 * np.sin(2 * np.pi * 440 * np.arange(14_080) / 14_080)).astype("<i2")
    heard = np.frombuffer(resampled(Utterance(sine.tobytes(), 14_080), 24_000), "<i2")
    assert heard.size == pytest.approx(24_000, abs=2)
    assert np.abs(np.fft.rfft(heard)).argmax() == 440


def test_a_voice_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(RejectedError, match=r"There is no voice “Rachel”.*Choose one of sarah, liam"):
        LocalVoiceEngine().synthesize(request("Hello.", "Rachel"))


def test_an_engine_that_fails_may_be_asked_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "utter.py"
    broken.write_text("import sys; sys.stdin.read(); sys.exit('out of memory')")
    monkeypatch.setattr("esl_pipeline.clients.local_voice.speaking_engines.UTTER", broken)
    with pytest.raises(UnavailableError, match="local: speaking_failed: The local voice failed: out of memory"):
        LocalVoiceEngine(PicoEngine()).synthesize(request("Hello."))


def test_a_machine_without_a_voice_is_told_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> PicoEngine:
        raise SpeakingError("This machine has no local voice. Install it with `pip install py-nanotts==0.1.1`.")

    monkeypatch.setattr("esl_pipeline.clients.local_voice.engine.choose_engine", none)
    with pytest.raises(RejectedError, match=r"local: no_voice: .*pip install py-nanotts"):
        LocalVoiceEngine().model(None)
