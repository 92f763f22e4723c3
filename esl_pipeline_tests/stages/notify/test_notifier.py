from __future__ import annotations

import base64
import hashlib
import hmac
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from esl_pipeline.stages.notify.book import MOST_TRIES
from esl_pipeline.stages.notify.books import OPERATORS
from esl_pipeline.stages.notify.notice import A_FAULT
from esl_pipeline_tests.receiving import HttpReceiver, Posted, http_receiver, mail_receiver
from esl_pipeline_tests.stages.notify.told import KEY, School

HOUR = timedelta(hours=1)
SOON = timedelta(minutes=11)
"""After what is gathered is sent."""


@pytest.fixture(scope="module")
def server() -> Iterator[HttpReceiver]:
    with http_receiver() as receiver:
        yield receiver


@pytest.fixture
def receiver(server: HttpReceiver) -> HttpReceiver:
    """A server that has got nothing yet."""
    server.posts.clear()
    server.answers.clear()
    return server


@pytest.fixture
def school(tmp_path: Path, receiver: HttpReceiver) -> School:
    """A school that is told by a webhook."""
    secrets = {"HOOK": f"{receiver.url}/hooks/very-secret?token=t0psecret", "SIGNING": KEY}
    secrets["SLACK"] = f"{receiver.url}/services/T0/B0/slack-secret"
    made = School(tmp_path, {f"ESL_TENANT_SCHOOL__{name}": value for name, value in secrets.items()})
    made.settings(webhook_secret="HOOK", signing_secret="SIGNING")
    return made


def signed_by(post: Posted, key: str) -> str:
    content = f"{post.headers['webhook-id']}.{post.headers['webhook-timestamp']}.".encode() + post.content
    made = hmac.new(base64.b64decode(key.removeprefix("whsec_")), content, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(made).decode()}"


def test_a_webhook_gets_all_that_is_known_signed_as_the_standard_has_it(school: School, receiver: HttpReceiver) -> None:
    school.variables["ESL_DAGSTER_URL"] = "https://dagster.school.example/"
    assert school.note(school.failure()) == ["school"]
    assert [one.error for one in school.tell()] == [""]
    (post,) = receiver.posts
    assert post.path == "/hooks/very-secret?token=t0psecret"
    assert post.headers["webhook-signature"] == signed_by(post, KEY)
    assert post.headers["content-type"] == "application/json"
    (told,) = post.body["data"]["notices"]
    assert told == school.failure().model_dump(mode="json") | {"run_url": "https://dagster.school.example/runs/run-1"}
    assert post.body["data"]["subject"] == "school/week-1: notion_page failed (object_not_found)"
    for words in ("can't be found", "Share it with the connection", "notion", "req-1", "runs/run-1"):
        assert words in post.body["data"]["text"]


def test_slack_gets_blocks_within_its_limits_that_call_nobody(school: School, receiver: HttpReceiver) -> None:
    school.settings(slack_secret="SLACK")
    school.note(school.failure(message="<!channel> & " + "x" * 5000))
    assert [one.error for one in school.tell()] == [""]
    (post,) = receiver.posts
    assert "webhook-signature" not in post.headers
    header, section = post.body["blocks"]
    assert set(post.body) == {"text", "blocks"}
    assert (header["type"], header["text"]["type"]) == ("header", "plain_text")
    assert (section["type"], section["text"]["type"]) == ("section", "mrkdwn")
    assert len(header["text"]["text"]) <= 150
    assert len(section["text"]["text"]) <= 3000
    assert "&lt;!channel&gt; &amp; xxx" in section["text"]["text"]
    assert "<!" not in post.content.decode()


def test_an_email_goes_to_each_address_with_the_tenants_own_words(school: School, tmp_path: Path) -> None:
    school.settings(email="ann@a.example, bob@b.example", template="$assignment: ${stage}!\n$vendor\nPay $$5")
    with mail_receiver(tmp_path, tls=False) as mail:
        school.variables |= {"ESL_SMTP_URL": f"smtp://127.0.0.1:{mail.port}", "ESL_SMTP_FROM": "ESL <esl@a.example>"}
        school.note(school.failure(vendor="", assignment="week-1"))
        assert [one.error for one in school.tell()] == [""]
    ((to, message),) = mail.mails
    assert to == ["ann@a.example", "bob@b.example"]
    assert message["Subject"] == "school/week-1: notion_page failed (object_not_found)"
    assert message["From"] == "ESL <esl@a.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().split() == ["week-1:", "notion_page!", "Pay", "$5"]


def test_the_same_failure_is_told_once_until_it_has_lasted(school: School, receiver: HttpReceiver) -> None:
    school.note(school.failure())
    school.tell()
    for run in range(3):
        school.note(school.failure(run_id=f"again-{run}"))
        assert school.tell(after=HOUR) == []
    school.clock.at += 24 * HOUR
    school.note(school.failure(run_id="tomorrow"))
    school.tell()
    assert [post.body["data"]["notices"][0]["count"] for post in receiver.posts] == [0, 3]
    assert "Happened 3 times since" in receiver.posts[1].body["data"]["text"]


def test_the_same_run_is_noted_once_however_often_it_is_looked_at(school: School, receiver: HttpReceiver) -> None:
    for _ in range(3):
        school.note(school.failure())
        school.tell(after=SOON)
    school.clock.at += 24 * HOUR
    school.note(school.failure())
    school.tell(after=SOON)
    assert len(receiver.posts) == 1


@pytest.mark.parametrize(
    "other", [{"manifest_sha256": "b" * 64}, {"code": "unauthorized"}, {"stage": "notion_audio"}, {"assignment": "b"}]
)
def test_another_lesson_cause_or_stage_is_another_failure(
    school: School, receiver: HttpReceiver, other: dict[str, str]
) -> None:
    school.note(school.failure())
    school.tell()
    school.note(school.failure(**other, run_id="run-2"))
    school.tell(after=SOON)
    assert len(receiver.posts) == 2


def test_two_processes_at_once_tell_it_once(school: School, receiver: HttpReceiver) -> None:
    school.note(school.failure())
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: school.tell(), range(4)))
    assert len(receiver.posts) == 1


def test_what_fails_in_one_go_is_one_message(school: School, receiver: HttpReceiver) -> None:
    school.note(*(school.failure(assignment=f"week-{n}", run_id=f"run-{n}") for n in range(30)))
    school.tell()
    school.note(*(school.failure(assignment=f"later-{n}", run_id=f"later-{n}") for n in range(3)))
    assert school.tell(after=timedelta(minutes=1)) == []
    school.tell(after=SOON)
    first, second = receiver.posts
    assert first.body["data"]["subject"] == "school: 30 failed"
    assert "… and 20 more" in first.body["data"]["text"]
    assert len(first.body["data"]["notices"]) == 30
    assert second.body["data"]["subject"] == "school: 3 failed"


def test_a_receiver_that_is_down_stops_no_other_and_is_tried_a_few_times(
    school: School, receiver: HttpReceiver, tmp_path: Path
) -> None:
    school.variables |= {"ESL_TENANT_SCHOOL__HOOK": "http://127.0.0.1:9/down", "ESL_SMTP_FROM": "esl@a.example"}
    school.settings(webhook_secret="HOOK", signing_secret="SIGNING", email="ann@a.example")
    with mail_receiver(tmp_path, tls=False) as mail:
        school.variables["ESL_SMTP_URL"] = f"smtp://127.0.0.1:{mail.port}"
        school.note(school.failure())
        sent = {one.receiver: one.error for one in school.tell()}
    assert len(mail.mails) == 1
    assert sent["email"] == ""
    assert "no connection could be made" in sent["webhook"]
    assert school.tell(after=timedelta(minutes=1)) == []
    tries = 1 + sum(len(school.tell(after=HOUR)) for _ in range(10))
    assert tries == MOST_TRIES
    assert not school.notifier().is_waiting("school")
    assert len(mail.mails) == 1


def test_a_receiver_that_comes_back_gets_what_it_missed(school: School, receiver: HttpReceiver) -> None:
    receiver.answers += [(503, "down"), (503, "down")]
    school.note(school.failure())
    (first,) = school.tell()
    assert "503" in first.error
    (second,) = school.tell(after=timedelta(minutes=3))
    assert second.error == ""
    ids = {post.headers["webhook-id"] for post in receiver.posts}
    assert (len(receiver.posts), len(ids)) == (3, 1)


@pytest.mark.parametrize(
    ("status", "words"), [(410, "channel_is_archived"), (404, "no_service"), (302, "another address")]
)
def test_a_receiver_that_refuses_is_not_asked_again(
    school: School, receiver: HttpReceiver, status: int, words: str
) -> None:
    school.settings(slack_secret="SLACK")
    receiver.answers.append((status, words))
    school.note(school.failure())
    (sent,) = school.tell()
    assert str(status) in sent.error
    assert words in sent.error
    assert [school.tell(after=HOUR) for _ in range(4)] == [[], [], [], []]
    assert len(receiver.posts) == 1


def test_that_it_is_published_again_is_told_once_to_whom_the_failure_was_told(
    school: School, receiver: HttpReceiver
) -> None:
    school.note(school.failure())
    school.tell()
    assert list(school.notifier().recovered("school", "week-1", {"audio_segments"}, "other")) == []
    assert list(school.notifier().recovered("school", "week-1", {"notion_page"}, "run-2")) == ["school"]
    assert list(school.notifier().recovered("school", "week-1", {"notion_page"}, "run-3")) == []
    school.tell(after=SOON)
    assert [post.body["data"]["subject"] for post in receiver.posts][1:] == ["school/week-1 is published again"]
    assert school.tell(after=SOON) == []
    school.note(school.failure(run_id="run-4"))
    school.tell(after=SOON)
    assert len(receiver.posts) == 3


def test_who_may_have_been_told_of_a_failure_is_told_that_it_is_mended_and_not_of_the_failure_any_more(
    school: School, receiver: HttpReceiver
) -> None:
    receiver.answers += [(503, "down"), (503, "down")]
    school.note(school.failure())
    school.tell()
    assert list(school.notifier().recovered("school", "week-1", {"notion_page"}, "run-2")) == ["school"]
    receiver.posts.clear()
    school.tell(after=SOON)
    assert [post.body["data"]["subject"] for post in receiver.posts] == ["school/week-1 is published again"]
    assert school.tell(after=HOUR) == []


def test_what_is_mended_before_anybody_was_told_is_told_to_nobody(school: School, receiver: HttpReceiver) -> None:
    school.note(school.failure())
    assert list(school.notifier().recovered("school", "week-1", {"notion_page"}, "run-2")) == []
    assert school.tell(after=SOON) == []
    assert receiver.posts == []


def test_the_operators_are_told_of_what_no_tenant_is_told_and_of_faults(school: School, receiver: HttpReceiver) -> None:
    school.variables |= {"ESL_OPERATORS_WEBHOOK": f"{receiver.url}/operators", "ESL_OPERATORS_WEBHOOK_KEY": KEY}
    assert school.note(school.failure()) == ["school"]
    assert school.note(school.failure(tenant="other", run_id="o")) == [OPERATORS]
    clean_up = school.failure(tenant="", assignment="", job="prune_artifacts", stage="remove_unused", run_id="p")
    assert school.note(clean_up) == [OPERATORS]
    fault = school.failure(failure="failed", code="KeyError", message="'voice'", fix="", stage="merged_mp3", run_id="k")
    assert school.note(fault) == [OPERATORS, "school"]
    school.tell("school", OPERATORS)
    notices = {post.path.partition("?")[0]: post.body["data"]["notices"] for post in receiver.posts}
    mine, theirs = notices["/hooks/very-secret"], notices["/operators"]
    assert [one["message"] for one in mine if one["stage"] == "merged_mp3"] == [A_FAULT]
    assert [(one["tenant"], one["job"], one["code"]) for one in theirs] == [
        ("other", "publish_lesson", "object_not_found"),
        ("", "prune_artifacts", "object_not_found"),
        ("school", "publish_lesson", "KeyError"),
    ]


def test_where_nobody_is_named_nothing_is_kept(school: School, receiver: HttpReceiver) -> None:
    school.settings()
    assert school.note(school.failure()) == []
    assert list(school.notifier().owners()) == []


def test_a_tenant_whose_settings_are_broken_is_the_operators_business(school: School, receiver: HttpReceiver) -> None:
    school.variables |= {"ESL_OPERATORS_SLACK": f"{receiver.url}/operators"}
    school.settings(repeat_h=0)
    assert school.note(school.failure()) == [OPERATORS]
    school.tell(OPERATORS)
    assert receiver.posts[0].path == "/operators"


@pytest.mark.parametrize(
    ("url", "allowed", "why"),
    [
        ("https://169.254.169.254/latest", "1", "inside the network"),
        ("https://127.0.0.1/hook", "", "inside the network"),
        ("https://2130706433/hook", "", "inside the network"),
        ("https://[::ffff:10.0.0.1]/hook", "", "inside the network"),
        ("https://intranet.example/hook", "", "inside the network"),
        ("http://hooks.example/hook", "", "https://"),
        ("file:///etc/passwd", "1", "https://"),
        ("https://[bad", "1", "no address"),
    ],
)
def test_no_tenant_reaches_what_is_inside_the_network(
    school: School, receiver: HttpReceiver, url: str, allowed: str, why: str
) -> None:
    school.variables |= {"ESL_TENANT_SCHOOL__HOOK": url, "ESL_ALLOW_LOCAL_ENDPOINTS": allowed}
    inside = {"intranet.example": "10.1.2.3", "hooks.example": "93.184.216.34"}
    school.look_up = lambda host, _: [(0, 0, 0, "", (inside[host], 0))]
    school.note(school.failure())
    (sent,) = school.tell()
    assert why in sent.error
    assert receiver.posts == []


def test_a_name_that_leads_inside_only_when_it_is_connected_to_gets_nothing(
    school: School, receiver: HttpReceiver
) -> None:
    port = receiver.url.rpartition(":")[2]
    school.variables |= {
        "ESL_TENANT_SCHOOL__HOOK": f"https://ip6-localhost:{port}/hook",
        "ESL_ALLOW_LOCAL_ENDPOINTS": "",
    }
    school.look_up = lambda host, _: [(0, 0, 0, "", ("93.184.216.34", 0))]
    school.note(school.failure())
    (sent,) = school.tell()
    assert "no connection could be made" in sent.error
    assert receiver.posts == []


def test_neither_address_nor_key_stand_in_errors_and_logs(
    school: School, receiver: HttpReceiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    receiver.answers += [(500, "oops"), (500, "oops"), (200, "ok")]
    school.note(school.failure())
    errors = [one.error for one in (*school.tell(), *school.tell(after=SOON))]
    school.variables["ESL_TENANT_SCHOOL__SIGNING"] = "whsec_short"
    school.note(school.failure(run_id="2", code="x"))
    errors += [one.error for one in school.tell(after=SOON)]
    assert len(errors) == 3
    shown = caplog.text.replace("urllib3", "") + "".join(errors)
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("esl_pipeline")]
    for secret in ("very-secret", "t0psecret", "MfKQ9r8", "whsec_short"):
        assert secret not in "".join([*errors, *ours])
    assert "webhook asked again" in shown


def test_without_a_key_a_webhook_is_not_posted_to(school: School, receiver: HttpReceiver) -> None:
    school.settings(webhook_secret="HOOK")
    school.note(school.failure())
    (sent,) = school.tell()
    assert "notify.signing_secret" in sent.error
    assert receiver.posts == []


def test_a_trial_arrives_everywhere_and_is_not_noted(school: School, receiver: HttpReceiver) -> None:
    school.settings(webhook_secret="HOOK", signing_secret="SIGNING", slack_secret="SLACK", email="ann@a.example")
    sent = {one.receiver: one.error for one in school.notifier().try_out("school")}
    assert (sent["webhook"], sent["slack"]) == ("", "")
    assert "ESL_SMTP_URL" in sent["email"]
    assert "This is a trial: notices for school arrive here." in str(receiver.posts[0].body)
    assert list(school.notifier().owners()) == []
