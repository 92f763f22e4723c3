from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esl_pipeline.clients.retry import RetryPolicy, parse_retry_after

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("1.5", 1.5),
        ("Mon, 23 Nov 2026 12:00:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
        ("-5", 0.0),
        ("999999999", 3600.0),
        ("inf", 3600.0),
        ("nan", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_never_nonsense(header: str | None, seconds: float | None) -> None:
    assert parse_retry_after(header, NOW) == seconds


@given(st.text())
def test_no_header_breaks_anything(header: str) -> None:
    seconds = parse_retry_after(header, NOW)
    assert seconds is None or 0 <= seconds <= 3600


def test_back_off_doubles_up_to_its_bound_and_is_spread_from_zero() -> None:
    policy = RetryPolicy(backoff_s=1, longest_wait_s=10)
    assert [policy.wait_s(n, None, lambda low, high: high) for n in range(1, 7)] == [1, 2, 4, 8, 10, 10]
    assert policy.wait_s(3, None, lambda low, high: low) == 0


def test_the_vendors_wait_is_kept_at_least_and_spread_a_little() -> None:
    policy = RetryPolicy(backoff_s=1)
    assert policy.wait_s(1, 7, lambda low, high: low) == 7
    assert policy.wait_s(1, 7, lambda low, high: high) == 8


def test_a_longer_wait_than_a_client_should_sit_out_is_not_waited() -> None:
    assert RetryPolicy(longest_wait_s=60).wait_s(1, 61, lambda low, high: low) is None
