"""Both roles in a real browser, at the address that the documented nginx has."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Error, HttpCredentials, Page, expect

from esl_pipeline_tests.browser.chromium import HOW_TO_INSTALL, chromium, find_chromium
from esl_pipeline_tests.permissions.conftest import OPERATOR, VIEWER
from esl_pipeline_tests.permissions.gateway import HOST, Gateway

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("permissions")]

JOB = f"https://{HOST}/dagster/locations/esl_pipeline.definitions/jobs/sync_voices"


@pytest.fixture(scope="module")
def browser(gateway: Gateway) -> Iterator[Browser]:
    """Chromium, which finds the gateway where the internet's would be."""
    path = find_chromium()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail(HOW_TO_INSTALL)
        pytest.skip(HOW_TO_INSTALL)
    with chromium(path, f"--host-resolver-rules=MAP {HOST}:443 127.0.0.1:{gateway.port}") as found:
        yield found


def signed_in(browser: Browser, user: str) -> Page:
    """Opens an empty page as somebody."""
    credentials: HttpCredentials = {"username": user, "password": user[::-1]}
    context = browser.new_context(ignore_https_errors=True, http_credentials=credentials)
    return context.new_page()


@pytest.mark.parametrize(("user", "may"), [(VIEWER, False), (OPERATOR, True)])
def test_pages_work_and_offer_only_what_the_role_may(browser: Browser, user: str, may: bool) -> None:
    page = signed_in(browser, user)
    refused, sockets = [], []
    page.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.goto(JOB)
    button = page.get_by_role("button", name="Materialize…")
    expect(button).to_be_visible(timeout=30_000)
    if may:
        expect(button).to_be_enabled()
    else:
        expect(button).to_be_disabled()
    assert sockets == [f"wss://{HOST}/dagster/graphql"]
    assert refused == []


def test_nobody_sees_a_page(browser: Browser) -> None:
    page = browser.new_context(ignore_https_errors=True).new_page()
    with pytest.raises(Error, match="ERR_INVALID_AUTH_CREDENTIALS"):
        page.goto(JOB)
