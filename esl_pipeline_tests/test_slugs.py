from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esl_pipeline.slugs import (
    RESERVED,
    SLUG,
    SlugError,
    check_slug,
    is_slug,
    parse_partition_key,
    partition_key,
    suggest_slug,
)

SLUGS = st.from_regex(SLUG, fullmatch=True).filter(is_slug)


@pytest.mark.parametrize("text", ["a", "0", "week-1", "a" * 63, "a--b", "a-"])
def test_a_slug_is_taken(text: str) -> None:
    assert check_slug(text) == text


@pytest.mark.parametrize(
    "text",
    ["", "-a", "A", "a" * 64, "a b", "a/b", "../a", "..", ".", "a.b", "é", "a\n", "\na", "a,b", "a|b", "٣", "a\x00"],
)
def test_what_is_no_slug_is_refused_with_one_that_is(text: str) -> None:
    with pytest.raises(SlugError, match="such as") as caught:
        check_slug(text, "tenant")
    assert "tenant" in str(caught.value)
    assert SLUG.fullmatch(suggest_slug(text))


@pytest.mark.parametrize("text", sorted(RESERVED))
def test_the_name_of_a_device_is_no_slug(text: str) -> None:
    with pytest.raises(SlugError, match=f"such as '{text}-1'"):
        check_slug(text)
    assert suggest_slug(text.upper()) == f"{text}-1"


@given(st.text())
def test_a_suggestion_is_always_a_slug(text: str) -> None:
    assert is_slug(suggest_slug(text))


@given(SLUGS)
def test_a_slug_suggests_itself_without_hyphens_at_its_end(text: str) -> None:
    assert suggest_slug(text.rstrip("-")) == text.rstrip("-") or "--" in text


@given(SLUGS, SLUGS)
def test_a_partition_key_is_read_as_it_was_made(tenant: str, assignment: str) -> None:
    assert parse_partition_key(partition_key(tenant, assignment)) == (tenant, assignment)


@pytest.mark.parametrize("key", ["", "a", "a/", "/a", "a/b/c", "a/../b", "A/b", "../../evil", "a\n/b", "a/b\n"])
def test_what_is_no_partition_key_is_refused(key: str) -> None:
    with pytest.raises(SlugError):
        parse_partition_key(key)
