"""A message in the form that each receiver takes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from esl_pipeline.manifests.notice_template import DEFAULT, fill
from esl_pipeline.stages.notify.notice import Notice

LONGEST_SUBJECT = 140
MOST_LISTED = 10
"""Notices that are named in a message about many."""

SLACK_SECTION = 3000
SLACK_HEADER = 150
"""Characters of a block's text. **Source**: docs.slack.dev/reference/block-kit/blocks, section and header blocks."""

RECOVERED = "${tenant}/${assignment}: published again after failing.\nThe run: $run_url\n"
TRIAL = "This is a trial: notices for ${tenant} arrive here.\n"
TRIAL_OF_OPERATORS = "This is a trial: notices for the operators arrive here.\n"
OF_NO_LESSON = """\
The job ${job} failed at ${stage}.
$message
What to do: $fix
Code: $code
The run: $run_url
"""
_WORDS = {"failed": OF_NO_LESSON, "trial": TRIAL_OF_OPERATORS}
_WORDS_FOR_TENANT = {"failed": DEFAULT, "trial": TRIAL, "recovered": RECOVERED}


class Message:
    """One or more notices for one receiver.

    Args:
        notices: one or more, the oldest first.
        dashboard: address of Dagster's web pages; empty where it is not known.
        template: the tenant's own words for a failure.
    """

    def __init__(self, notices: Sequence[Notice], dashboard: str = "", template: str | None = None) -> None:
        self._notices, self._dashboard, self._template = [one.shortened() for one in notices], dashboard, template

    @property
    def subject(self) -> str:
        """One line that says what it is about."""
        if len(self._notices) == 1:
            return _cut(_headline(self._notices[0]), LONGEST_SUBJECT)
        failed = sum(one.kind == "failed" for one in self._notices)
        again = sum(one.kind == "recovered" for one in self._notices)
        tenants = sorted({one.tenant for one in self._notices if one.tenant})
        counts = [f"{failed} failed" if failed else "", f"{again} published again" if again else ""]
        return _cut(f"{', '.join(tenants) or 'jobs'}: {', '.join(filter(None, counts))}", LONGEST_SUBJECT)

    @property
    def text(self) -> str:
        """The message in words."""
        if len(self._notices) == 1:
            return self._text_of(self._notices[0])
        listed = [self._line(one) for one in self._notices[:MOST_LISTED]]
        more = len(self._notices) - len(listed)
        return "\n".join([*listed, *([f"… and {more} more"] if more > 0 else [])])

    @property
    def run_url(self) -> str:
        """Address of the run, of a message about one; else that of all runs."""
        return self._url(self._notices[0]) if len(self._notices) == 1 else self._runs

    def for_slack(self) -> dict[str, Any]:
        """Returns the body of a post to an incoming webhook of Slack.

        **Source**: docs.slack.dev/messaging/sending-messages-using-incoming-webhooks and .../formatting-message-text,
        read 2026-11-25: ``&``, ``<`` and ``>`` are escaped, else a lesson's words could call a whole channel.
        """
        text = _within(self.text, SLACK_SECTION, self.run_url)
        blocks: list[dict[str, Any]] = [
            {"type": "header", "text": {"type": "plain_text", "text": _cut(self.subject, SLACK_HEADER)}},
            {"type": "section", "text": {"type": "mrkdwn", "text": text}},
        ]
        return {"text": escaped(self.subject), "blocks": blocks}

    def for_webhook(self, at: datetime) -> dict[str, Any]:
        """Returns the body of a webhook's post."""
        fields = [one.model_dump(mode="json") | {"run_url": self._url(one)} for one in self._notices]
        return {
            "type": "esl.notices",
            "timestamp": at.isoformat(),
            "data": {"subject": self.subject, "text": self.text, "notices": fields},
        }

    def _text_of(self, notice: Notice) -> str:
        is_tenants = notice.assignment or (notice.kind == "trial" and notice.tenant)
        usual = (_WORDS_FOR_TENANT if is_tenants else _WORDS)[notice.kind]
        words = self._template if notice.kind == "failed" and notice.assignment and self._template else usual
        fields = {name: str(value) for name, value in notice.model_dump().items()}
        url, at = self._url(notice), notice.at.isoformat(timespec="seconds")
        fields |= {"run_url": url, "at": at, "kind": notice.failure, "count": str(notice.count or "")}
        fields["stage"] = notice.stage or notice.job or "the run"
        # A template may name only what this failure does not have.
        return fill(words, fields) or fill(usual, fields)

    def _line(self, notice: Notice) -> str:
        """Says what there is room for, and always which request and which run."""
        why = "" if notice.kind == "recovered" else f": {notice.message} {notice.fix}"
        request = f"request {notice.request_id}" if notice.request_id else ""
        end = " ".join(filter(None, [request, self._url(notice)]))
        room = SLACK_SECTION // MOST_LISTED - len(end) - 2
        return f"{_cut(' '.join(f'{_headline(notice)}{why}'.split()), room)} {end}".rstrip()

    @property
    def _runs(self) -> str:
        return f"{self._dashboard.rstrip('/')}/runs" if self._dashboard else ""

    def _url(self, notice: Notice) -> str:
        return f"{self._runs}/{notice.run_id}" if self._runs and notice.run_id else ""


def _headline(notice: Notice) -> str:
    whose = f"{notice.tenant}/{notice.assignment}" if notice.assignment else notice.job or notice.tenant
    if notice.kind == "recovered":
        return f"{whose} is published again"
    if notice.kind == "trial":
        return f"{whose or 'operators'}: a trial"
    return f"{whose}: {notice.stage or 'run'} failed{f' ({notice.code})' if notice.code else ''}"


def escaped(text: str) -> str:
    """Returns a text that Slack shows as it is."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _within(text: str, most: int, end: str) -> str:
    """Returns a text as Slack shows it, cut before its escapes where it is too long; the end stays in any case."""
    whole = escaped(text)
    if len(whole) <= most:
        return whole
    last = f"…\n{escaped(end)}".rstrip()
    room, kept = most - len(last), list[str]()
    for character in text:
        shown = escaped(character)
        room -= len(shown)
        if room < 0:
            break
        kept.append(shown)
    return "".join(kept) + last


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
