from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from esl_pipeline.clients import RejectedError, UnavailableError
from esl_pipeline.speech import SegmentRequest, Spoken
from esl_pipeline_tests.clients.asked import ALL_OPTIONS, asked, dialogue
from esl_pipeline_tests.clients.scripted import Reply, Sent, SpeechScene, speech_that
from esl_pipeline_tests.clients.sound_files import mp3, seconds_of, tone
from esl_pipeline_tests.clients.timed import even, sound

ASKED_AT = datetime(2026, 11, 23, 12, 0, 0, 900_000, tzinfo=UTC)
PCM = sound("Hello.")
LINES = (("anna", "Hello."), ("ben", "Hi!"))


def item(item_id: str = "h1", **more: Any) -> dict[str, Any]:
    """Returns a generation of ``asked()`` as the history tells it."""
    told = {
        "history_item_id": item_id,
        "request_id": "q-5",
        "voice_id": "voice",
        "model_id": "eleven_multilingual_v2",
        "text": "Hello.",
        "date_unix": int(ASKED_AT.timestamp()) + 2,
        "character_count_change_from": 100,
        "character_count_change_to": 106,
        "content_type": "audio/pcm",
        "state": "created",
        "settings": dict(ALL_OPTIONS),
        "source": "TTS",
        "output_format": "pcm_24000",
        "alignments": None,
        "dialogue": None,
    }
    return told | more


def dialogue_item(**more: Any) -> dict[str, Any]:
    lines = [{"voice_id": voice, "voice_name": voice.title(), "text": text} for voice, text in LINES]
    told: dict[str, Any] = {
        "dialogue": lines,
        "text": "",
        "voice_id": "",
        "model_id": "eleven_v3",
        "settings": {"stability": 0.5},
    }
    return item(**(told | more))


def history(*items: dict[str, Any], page: int = 100, audio: Reply | None = None) -> SpeechScene:
    """Returns an account with a history, newest first."""

    def answer(sent: Sent) -> Reply:
        address = urlsplit(sent.path)
        if address.path.endswith("/audio"):
            return audio or Reply(200, PCM, {"Content-Type": "audio/pcm"})
        ids = [one["history_item_id"] for one in items]
        after = parse_qs(address.query).get("start_after_history_item_id")
        start = ids.index(after[0]) + 1 if after else 0
        shown = list(items[start : start + page])
        more = start + page < len(items)
        return Reply(
            body={"history": shown, "has_more": more, "last_history_item_id": ids[-1 if not more else start + page - 1]}
        )

    return speech_that(answer)


def recovered(scene: SpeechScene, request: SegmentRequest | None = None) -> Spoken | None:
    return scene.speech.recover(request or asked(), ASKED_AT)


def test_lost_speech_is_found_in_the_history_and_fetched_without_buying() -> None:
    scene = history(item())
    spoken = recovered(scene)
    assert spoken is not None
    assert (spoken.pcm, spoken.sample_rate_hz, spoken.character_cost, spoken.request_id) == (PCM, 24_000, 6, "q-5")
    listing, audio = scene.sent
    assert parse_qs(urlsplit(listing.path).query) == {
        "page_size": ["100"],
        "sort_direction": ["desc"],
        "date_after_unix": [str(int(ASKED_AT.timestamp()) - 60)],
        "voice_id": ["voice"],
        "model_id": ["eleven_multilingual_v2"],
        "source": ["TTS"],
    }
    assert (audio.method, audio.path) == ("GET", "/v1/history/h1/audio")


@pytest.mark.parametrize(
    "other",
    [
        {"text": "Hello"},
        {"text": "hello."},
        {"text": None},
        {"voice_id": "other"},
        {"model_id": "eleven_v3"},
        {"settings": ALL_OPTIONS | {"speed": 0.9}},
        {"settings": ALL_OPTIONS | {"use_speaker_boost": False}},
        {"state": "processing"},
        {"history_item_id": None},
        {"dialogue": [{"voice_id": "voice", "text": "Hello."}, {"voice_id": "voice", "text": "Hello."}]},
        {"dialogue": "Hello."},
    ],
)
def test_what_is_another_generation_is_not_taken(other: dict[str, Any]) -> None:
    scene = history(item(**other))
    assert recovered(scene) is None
    assert len(scene.sent) == 1


@pytest.mark.parametrize(
    "told",
    [
        {"settings": None},
        {"settings": {}},
        {"settings": {"stability": 0.5, "similarity_boost": None}},
        {"settings": ALL_OPTIONS | {"speed": 1.0000000001, "style": 0, "clone_strength": 1}},
        {"model_id": None},
    ],
)
def test_what_the_history_does_not_tell_may_be_anything(told: dict[str, Any]) -> None:
    assert recovered(history(item(**told))) is not None


def test_the_newest_of_several_is_taken() -> None:
    scene = history(item("new"), item("old"))
    assert recovered(scene) is not None
    assert [sent.path for sent in scene.sent[1:]] == ["/v1/history/new/audio"]


def test_all_pages_are_searched() -> None:
    scene = history(*[item(f"other-{number}", text="Other.") for number in range(4)], item("h5"), page=2)
    assert recovered(scene) is not None
    pages = [parse_qs(urlsplit(sent.path).query) for sent in scene.sent[:-1]]
    assert [query.get("start_after_history_item_id") for query in pages] == [None, ["other-1"], ["other-3"]]


def test_no_more_pages_are_read_than_needed() -> None:
    scene = history(item("h1"), item("h2"), item("h3"), page=1)
    recovered(scene)
    assert len(scene.sent) == 2


def test_a_history_that_goes_in_a_circle_ends() -> None:
    body = {"history": [], "has_more": True, "last_history_item_id": "h1"}
    with pytest.raises(UnavailableError, match="circle"):
        recovered(speech_that(lambda _: Reply(body=body)))


@pytest.mark.parametrize("body", [{}, {"history": None}, {"history": [1]}, {"history": [], "has_more": True}])
def test_a_history_that_makes_no_sense_is_unavailable(body: Any) -> None:
    with pytest.raises(UnavailableError, match="garbled"):
        recovered(speech_that(lambda _: Reply(body=body)))


@pytest.mark.parametrize("code", ["missing_permissions", "insufficient_permissions"])
def test_a_key_that_may_not_read_the_history_finds_nothing_and_that_is_told(
    code: str, caplog: pytest.LogCaptureFixture
) -> None:
    refusal = Reply(401, {"detail": {"code": code, "message": "speech_history_read"}})
    assert recovered(speech_that(lambda _: refusal)) is None
    assert "lost speech can't be looked for" in caplog.text
    assert recovered(history(item(), audio=refusal)) is None


def test_a_bad_key_is_no_empty_history() -> None:
    with pytest.raises(RejectedError, match="invalid_api_key"):
        recovered(speech_that(lambda _: Reply(401, {"detail": {"code": "invalid_api_key"}})))


def test_an_outage_is_no_empty_history() -> None:
    with pytest.raises(UnavailableError):
        recovered(history(item(), audio=Reply(503, b"")))


GONE = [
    Reply(404, {"detail": {"code": "history_item_not_found", "message": "no"}}),
    Reply(200, b"\x01\x00\x01", {"Content-Type": "audio/pcm"}),
    Reply(200, b"no sound at all", {"Content-Type": "audio/mpeg"}),
]


@pytest.mark.parametrize("audio", GONE)
def test_speech_that_is_gone_or_unreadable_is_not_there(audio: Reply) -> None:
    scene = history(item("h1"), item("h2"), audio=audio)
    assert recovered(scene) is None
    assert [sent.path for sent in scene.sent[1:]] == ["/v1/history/h1/audio", "/v1/history/h2/audio"]


def test_the_rate_is_that_of_the_generation() -> None:
    spoken = recovered(history(item(output_format="pcm_16000")))
    assert spoken is not None
    assert spoken.sample_rate_hz == 16_000


@pytest.mark.parametrize("output_format", ["mp3_44100_128", "pcm_24000", None])
def test_an_mp3_of_the_history_is_decoded_at_its_own_rate(output_format: str | None) -> None:
    audio = Reply(200, mp3(tone(1.0, 44_100), 44_100), {"Content-Type": "audio/mpeg"})
    spoken = recovered(history(item(output_format=output_format), audio=audio))
    assert spoken is not None
    assert spoken.sample_rate_hz == 44_100
    assert seconds_of(spoken) == pytest.approx(1.0, abs=0.06)


@pytest.mark.parametrize(
    ("before", "after", "cost"),
    [(0, 6, 6), (5, 5, 0), (6, 0, None), (None, 6, None), ("0", "6", None)],
)
def test_the_cost_is_what_the_account_was_charged(before: Any, after: Any, cost: int | None) -> None:
    spoken = recovered(history(item(character_count_change_from=before, character_count_change_to=after)))
    assert spoken is not None
    assert spoken.character_cost == cost


def test_times_come_from_the_history_where_they_are_asked_for() -> None:
    told = item(alignments={"alignment": even("Hello."), "normalized_alignment": None})
    with_times = recovered(history(told), asked(with_timings=True))
    without = recovered(history(told))
    assert with_times is not None
    assert with_times.timings is not None
    assert "".join(with_times.timings.characters) == "Hello."
    assert without is not None
    assert without.timings is None


@pytest.mark.parametrize("alignments", [None, [], {}, {"alignment": None}, {"alignment": even("Other.")}])
def test_a_history_without_times_gives_speech_without(alignments: Any) -> None:
    spoken = recovered(history(item(alignments=alignments)), asked(with_timings=True))
    assert spoken is not None
    assert spoken.timings is None


def test_a_dialogue_is_found_by_its_lines_without_a_voice_to_look_for() -> None:
    whole = "Hello.Hi!"
    told = dialogue_item(alignments={"alignment": even(whole)})
    audio = Reply(200, sound(whole), {"Content-Type": "audio/pcm"})
    scene = history(item("single"), told, audio=audio)
    spoken = recovered(scene, dialogue(*LINES))
    assert spoken is not None
    assert spoken.timings is not None
    assert "".join(spoken.timings.characters) == whole
    assert not {"voice_id", "model_id"} & parse_qs(urlsplit(scene.sent[0].path).query).keys()


@pytest.mark.parametrize("lines", [LINES[:1], LINES[::-1], (*LINES, ("anna", "Bye."))])
def test_a_dialogue_of_other_lines_is_another(lines: tuple[tuple[str, str], ...]) -> None:
    assert recovered(history(dialogue_item()), dialogue(*lines)) is None


@pytest.mark.parametrize("as_dialogue", [True, False])
def test_a_text_that_was_spoken_as_a_dialogue_of_one_is_found_either_way(as_dialogue: bool) -> None:
    lines = [{"voice_id": "voice", "voice_name": "Voice", "text": "Hello."}]
    how: dict[str, Any] = {"dialogue": lines, "text": "", "voice_id": ""} if as_dialogue else {}
    told = item(model_id="eleven_v4", settings={"stability": 0.5}, **how)
    assert recovered(history(told), asked(model="eleven_v4", options={"stability": 0.5})) is not None
