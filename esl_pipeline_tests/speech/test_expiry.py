from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from esl_pipeline.speech import Voice, expiring, voices_from_catalogue
from esl_pipeline.speech.expiry import PREMADE_EXPIRE_ON

SARAH = Voice("s", "Sarah - Soft News", "premade")
OWN = Voice("o", "Own", "generated")
LEAVING = Voice("l", "Lee", "professional", leaves_on=date(2026, 12, 1))


def test_premade_voices_and_those_that_their_owner_takes_back_are_told_the_first_to_go_first() -> None:
    told = expiring([SARAH, OWN, LEAVING, SARAH], date(2026, 11, 24))
    assert [(one.voice, one.day) for one in told] == [(LEAVING, date(2026, 12, 1)), (SARAH, PREMADE_EXPIRE_ON)]


def test_the_message_says_when_why_and_what_to_take_instead() -> None:
    (one,) = expiring([SARAH], date(2026, 11, 24))
    assert one.message.startswith("Sarah - Soft News goes on 2026-12-31 (in 37 days): ElevenLabs ends its default")
    assert "such as Talia (OZ0L6eISlOejga3XjDFt)," in one.message
    assert "speech.fallback_voices" in one.message


def test_a_voice_without_a_known_replacement_is_told_all_the_same() -> None:
    (one,) = expiring([LEAVING], date(2026, 11, 24))
    assert "its owner takes it back" in one.message
    assert "such as" not in one.message


@pytest.mark.parametrize(
    ("today", "when"),
    [
        (date(2026, 12, 29), "in 2 days"),
        (date(2026, 12, 30), "tomorrow"),
        (date(2026, 12, 31), "today"),
        (date(2027, 1, 1), "which has passed"),
    ],
)
def test_the_days_are_counted_from_today(today: date, when: str) -> None:
    assert f"({when})" in expiring([SARAH], today)[0].message


def test_the_owners_day_and_the_price_are_read_from_the_vendors_list() -> None:
    entries: list[dict[str, Any]] = [
        {"voice_id": "1", "sharing": {"disable_at_unix": 1796083200, "rate": 2.5}},
        {"voice_id": "2", "sharing": {"disable_at_unix": None, "rate": None}},
        {"voice_id": "3", "sharing": None},
        {"voice_id": "4", "sharing": {"rate": 0.5}},
    ]
    voices = voices_from_catalogue(entries)
    assert [(voice.leaves_on, voice.rate) for voice in voices] == [
        (date(2026, 12, 1), 2.5),
        (None, 1.0),
        (None, 1.0),
        (None, 1.0),
    ]
