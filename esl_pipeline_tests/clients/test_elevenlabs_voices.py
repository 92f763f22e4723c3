from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from esl_pipeline.clients import RejectedError, UnavailableError
from esl_pipeline_tests.clients.scripted import Answering, Reply, Sent, in_turn, speech_that

NOT_FOUND = Reply(404, {"detail": {"code": "voice_not_found", "status": "voice_not_found", "message": "no"}})


def voices(*ids: str, after: str | None = None) -> Reply:
    listed = [{"voice_id": one, "name": one.title()} for one in ids]
    return Reply(body={"voices": listed, "has_more": after is not None, "total_count": 0, "next_page_token": after})


def account(*ids: str, library: tuple[str, ...] = (), missing: Reply = NOT_FOUND) -> Answering:
    """Answers as an account that lists some voices, and may use others of the library."""

    def answer(sent: Sent) -> Reply:
        address = urlsplit(sent.path)
        if address.path == "/v2/voices":
            wanted = parse_qs(address.query)["voice_ids"]
            assert len(wanted) <= 100
            return voices(*[one for one in ids if one in wanted])
        one = address.path.rpartition("/")[2]
        return Reply(body={"voice_id": one, "name": one.title()}) if one in library else missing

    return answer


def test_voices_are_listed_over_all_pages_without_the_costly_count() -> None:
    scene = speech_that(in_turn(voices("a", "b", after="t1"), voices("c")))
    assert [voice["voice_id"] for voice in scene.speech.list_voices()] == ["a", "b", "c"]
    assert [sent.path for sent in scene.sent] == [
        "/v2/voices?page_size=100&include_total_count=false",
        "/v2/voices?page_size=100&include_total_count=false&next_page_token=t1",
    ]
    assert scene.sent[0].headers["xi-api-key"].startswith("sk_")
    assert "Authorization" not in scene.sent[0].headers


@pytest.mark.parametrize("body", [{"voices": [], "has_more": True}, {"voices": ["x"]}, {"has_more": False}])
def test_a_list_of_voices_that_makes_no_sense_is_unavailable(body: Any) -> None:
    with pytest.raises(UnavailableError, match="garbled"):
        speech_that(lambda sent: Reply(body=body)).speech.list_voices()


def test_a_list_of_voices_that_goes_in_a_circle_ends() -> None:
    with pytest.raises(UnavailableError, match="circle"):
        speech_that(lambda sent: voices("a", after="t1")).speech.list_voices()


def test_voices_are_asked_again_after_any_outage() -> None:
    scene = speech_that(in_turn(Reply(500, b""), voices("a")))
    assert len(scene.speech.list_voices()) == 1


def test_voices_are_looked_up_in_one_request_and_come_in_the_order_asked() -> None:
    scene = speech_that(account("a", "b", "c"))
    assert [voice["voice_id"] for voice in scene.speech.find_voices(["c", "a", "c"])] == ["c", "a"]
    (sent,) = scene.sent
    assert sent.path == "/v2/voices?page_size=100&include_total_count=false&voice_ids=c&voice_ids=a"


def test_a_hundred_voices_are_looked_up_at_a_time() -> None:
    ids = [f"v{number}" for number in range(201)]
    scene = speech_that(account(*ids))
    assert [voice["voice_id"] for voice in scene.speech.find_voices(ids)] == ids
    assert len(scene.sent) == 3


def test_a_voice_of_the_library_is_found_although_the_account_does_not_list_it() -> None:
    scene = speech_that(account("a", library=("b",)))
    assert [voice["name"] for voice in scene.speech.find_voices(["a", "b", "gone"])] == ["A", "B"]
    assert [sent.path for sent in scene.sent[1:]] == ["/v1/voices/b", "/v1/voices/gone"]


@pytest.mark.parametrize(
    "missing",
    [
        NOT_FOUND,
        Reply(400, {"detail": {"status": "voice_not_found", "message": "no"}}),
        Reply(403, {"detail": {"code": "voice_access_denied", "message": "no"}}),
        Reply(404, {"detail": "Not Found"}),
    ],
)
def test_a_voice_that_can_not_be_used_is_not_found(missing: Reply) -> None:
    assert speech_that(account("a", missing=missing)).speech.find_voices(["a", "b"]) == [{"voice_id": "a", "name": "A"}]


def test_a_key_that_may_not_look_is_no_missing_voice() -> None:
    missing = Reply(401, {"detail": {"code": "missing_permissions", "message": "no"}})
    with pytest.raises(RejectedError, match="voices_read"):
        speech_that(account("a", missing=missing)).speech.find_voices(["b"])


def test_an_answer_about_another_voice_is_not_taken() -> None:
    with pytest.raises(UnavailableError, match="another voice"):
        speech_that(account(missing=Reply(body={"voice_id": "x"}))).speech.find_voices(["b"])
