"""What every speech engine keeps, and what those keep besides that are paid for over HTTP.

A test module derives a class of its own, whose name begins with ``Test``, for each engine.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest

from esl_pipeline.clients import RejectedError, UnavailableError
from esl_pipeline.speech import SegmentRequest, SpeechEngine, voices_from_catalogue
from esl_pipeline_tests.clients.scripted import Reply, Scene, Sent

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NOT_WHOLE: dict[str, Reply] = {
    "empty": Reply(200, b"", {"Content-Type": "audio/pcm"}),
    "half a sample": Reply(200, b"\x01\x00\x01", {"Content-Type": "audio/pcm"}),
    "shorter than announced": Reply(200, b"\x01\x00", {"Content-Type": "audio/pcm", "Content-Length": "4"}),
    "JSON": Reply(200, b'{"a":1}', {"Content-Type": "application/json"}),
    "a page": Reply(200, b"<html>", {"Content-Type": "text/html; charset=utf-8"}),
}
OUTAGES: dict[str, Reply] = {
    "500": Reply(500, b""),
    "502 of a proxy": Reply(502, b"<html><title>Bad Gateway</title>"),
    "503 of a proxy": Reply(503, b"<html><title>Service Unavailable</title>"),
    "504": Reply(504, b""),
}


class EngineContract:
    """Holds for every engine."""

    def engine(self) -> SpeechEngine:
        """Returns one that works."""
        raise NotImplementedError

    def request(self) -> SegmentRequest:
        """Returns a request that it can speak."""
        raise NotImplementedError

    def test_it_has_all_methods_as_the_stages_call_them(self) -> None:
        for name, wanted in inspect.getmembers(SpeechEngine, inspect.isfunction):
            if not name.startswith("_"):
                has = inspect.signature(getattr(type(self.engine()), name)).parameters.values()
                wants = inspect.signature(wanted).parameters.values()
                assert [(p.name, p.kind, p.default) for p in has] == [(p.name, p.kind, p.default) for p in wants], name

    def test_its_name_and_place_are_fit_for_keys(self) -> None:
        engine = self.engine()
        assert re.fullmatch(r"[a-z][a-z0-9-]*", engine.name)
        assert engine.endpoint
        assert engine.endpoint == self.engine().endpoint

    def test_it_knows_its_default_model_and_guesses_carefully_at_others(self) -> None:
        engine = self.engine()
        default, new = engine.model(None), engine.model("model-of-next-year")
        assert engine.model(default.id) == default
        assert new.id == "model-of-next-year"
        for model in (default, new):
            assert 0 < model.short_characters <= model.good_characters <= model.max_characters
            assert 0 < model.speeds[0] <= 1 <= model.speeds[1]
            assert model.usd_per_1000_characters >= 0

    def test_its_voices_can_be_cast(self) -> None:
        listed = self.engine().list_voices()
        voices = voices_from_catalogue(listed)
        assert len(voices) == len(listed) > 0
        assert all(voice.name for voice in voices)

    def test_it_finds_the_voices_that_there_are_in_the_order_asked(self) -> None:
        engine = self.engine()
        ids = [voice["voice_id"] for voice in engine.list_voices()][:2][::-1]
        assert [voice["voice_id"] for voice in engine.find_voices([*ids, "gone", "", "..", *ids])] == ids
        assert engine.find_voices([]) == []

    def test_its_quota_is_unknown_or_makes_sense(self) -> None:
        quota = self.engine().quota()
        assert quota is None or 0 <= quota.remaining <= quota.limit

    def test_it_speaks_whole_samples(self) -> None:
        spoken = self.engine().synthesize(self.request())
        assert spoken.pcm
        assert len(spoken.pcm) % 2 == 0
        assert spoken.sample_rate_hz >= 8000
        assert spoken.character_cost is None or spoken.character_cost >= 0

    def test_it_recovers_nothing_that_was_never_asked(self) -> None:
        request = self.request()
        other = replace(request, inputs=(replace(request.inputs[0], text="Nobody ever asked for this."),))
        assert self.engine().recover(other, NOW) is None


class PaidEngineContract(EngineContract):
    """Holds besides for an engine whose vendor is scripted; ``bad`` are replies that no retry helps against."""

    secret: ClassVar[str]
    sound: ClassVar[Reply]
    busy: ClassVar[dict[str, Reply]]
    bad: ClassVar[dict[str, Reply]]

    def healthy(self, sent: Sent) -> Reply:
        """Answers whatever is no purchase as the vendor does."""
        raise NotImplementedError

    def scene(self, answer: Callable[[Sent], Reply | Exception]) -> tuple[SpeechEngine, Scene]:
        """Returns the engine, and the vendor that answers so."""
        raise NotImplementedError

    def engine(self) -> SpeechEngine:
        return self.scene(self._selling(self.sound))[0]

    def _selling(self, *replies: Reply | Exception) -> Callable[[Sent], Reply | Exception]:
        """Answers purchases with one after the other, the last one for ever."""
        left = list(replies)

        def answer(sent: Sent) -> Reply | Exception:
            if sent.method != "POST":
                return self.healthy(sent)
            return left.pop(0) if len(left) > 1 else left[0]

        return answer

    @pytest.mark.parametrize("name", [*NOT_WHOLE, *OUTAGES])
    def test_speech_that_may_have_been_billed_is_not_bought_twice(self, name: str) -> None:
        engine, scene = self.scene(self._selling((NOT_WHOLE | OUTAGES)[name], self.sound))
        with pytest.raises(UnavailableError) as caught:
            engine.synthesize(self.request())
        assert caught.value.may_have_happened
        assert len(scene.sent) == 1

    def test_speech_that_was_surely_not_made_is_asked_for_again(self) -> None:
        for name, reply in self.busy.items():
            engine, scene = self.scene(self._selling(reply, self.sound))
            assert engine.synthesize(self.request()).pcm, name
            assert len(scene.sent) == 2, name

    def test_a_vendor_that_stays_busy_has_made_nothing(self) -> None:
        for name, reply in self.busy.items():
            engine, _ = self.scene(self._selling(reply))
            with pytest.raises(UnavailableError) as caught:
                engine.synthesize(self.request())
            assert not caught.value.may_have_happened, name

    def test_an_outage_after_a_busy_answer_may_have_been_billed(self) -> None:
        engine, scene = self.scene(self._selling(next(iter(self.busy.values())), Reply(500, b""), self.sound))
        with pytest.raises(UnavailableError) as caught:
            engine.synthesize(self.request())
        assert caught.value.may_have_happened
        assert len(scene.sent) == 2

    def test_what_no_retry_helps_against_is_asked_once_and_says_what_to_do(self) -> None:
        for code, reply in self.bad.items():
            engine, scene = self.scene(self._selling(reply))
            with pytest.raises(RejectedError) as caught:
                engine.synthesize(self.request())
            assert (caught.value.code, caught.value.vendor) == (code, engine.name)
            assert caught.value.fix
            assert len(scene.sent) == 1

    def test_only_speech_is_bought(self) -> None:
        engine, scene = self.scene(self._selling(self.sound))
        engine.list_voices()
        engine.find_voices(["gone"])
        engine.quota()
        engine.recover(self.request(), NOW)
        assert {sent.method for sent in scene.sent} <= {"GET"}

    def test_the_key_is_sent_and_never_shown(self) -> None:
        engine, scene = self.scene(self._selling(Reply(400, f"the key {self.secret} is bad".encode())))
        with pytest.raises(RejectedError) as caught:
            engine.synthesize(self.request())
        assert any(self.secret in value for value in scene.sent[0].headers.values())
        assert self.secret not in f"{caught.value} {caught.value!r} {vars(caught.value)} {engine!r}"

    def test_nothing_is_sent_for_a_key_that_no_header_can_carry(self) -> None:
        with pytest.raises(RejectedError, match="characters that no key has"):
            self.with_key("hush hush")

    def with_key(self, key: str) -> Any:
        """Makes the engine with a key."""
        raise NotImplementedError
