"""Who may do what behind the documented nginx, on two real web servers."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests
from dagster._core.execution.backfill import BulkActionStatus
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from esl_pipeline.commands.instance import open_instance
from esl_pipeline_tests.permissions.conftest import OPERATOR, VIEWER
from esl_pipeline_tests.permissions.gateway import HOST, JSON, Gateway, credentials
from esl_pipeline_tests.permissions.mutations import HARMLESS, REFUSED, SCHEDULE, SENSOR, written

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("permissions")]

ORIGIN = f"https://{HOST}"
STATE = f"""
{{
  runsOrError {{ ... on Runs {{ results {{ runId status tags {{ key value }} }} }} }}
  partitionBackfillsOrError {{ ... on PartitionBackfills {{ results {{ id status }} }} }}
  sensorOrError(sensorSelector: {SENSOR}) {{ ... on Sensor {{ id sensorState {{ status typeSpecificData {{
    ... on SensorData {{ lastCursor }} }} }} }} }}
  scheduleOrError(scheduleSelector: {SCHEDULE}) {{ ... on Schedule {{ id scheduleState {{ status }} }} }}
  assetNodeOrError(assetKey: {{path: ["notion_page"]}}) {{
    ... on AssetNode {{ partitionKeys assetMaterializations {{ runId }} }}
  }}
  instance {{ autoMaterializePaused concurrencyLimits {{ concurrencyKey slotCount }} }}
  workspaceOrError {{ ... on Workspace {{ locationEntries {{ loadStatus updatedTimestamp }} }} }}
}}
"""


@pytest.fixture(scope="module")
def ids(gateway: Gateway, home: Path) -> dict[str, str]:
    """What an operator left: a run and a backfill that wait, a backfill that ended, a sensor and a schedule."""
    told = [written(name, {}).replace("school/two", "school/one") for name in ("addDynamicPartition", "launchRun")]
    for text in told + [written("launchPartitionBackfill", {})] * 2:
        assert "Success" in gateway.graphql(OPERATOR, text).body
    found = state(gateway)
    waits, ended = (backfill["id"] for backfill in found["partitionBackfillsOrError"]["results"])
    with open_instance(home) as instance:
        backfill = instance.get_backfill(ended)
        assert backfill is not None
        instance.update_backfill(backfill.with_status(BulkActionStatus.COMPLETED_SUCCESS))  # type: ignore[no-untyped-call]
    return {
        "run": found["runsOrError"]["results"][0]["runId"],
        "backfill": waits,
        "ended": ended,
        "sensor": found["sensorOrError"]["id"],
        "schedule": found["scheduleOrError"]["id"],
    }


def state(gateway: Gateway) -> dict[str, Any]:
    """What the instance holds, as a viewer sees it."""
    return gateway.graphql(VIEWER, STATE).found


def tags_of_last_run(gateway: Gateway) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in state(gateway)["runsOrError"]["results"][0]["tags"]}


def launch(gateway: Gateway, user: str, headers: dict[str, str] | None = None) -> str:
    """Asks for a run; returns what kind of answer came."""
    kind: str = gateway.graphql(user, written("launchRun", {}), headers).found["done"]["__typename"]
    return kind


@pytest.mark.parametrize("path", ["/dagster", "/dagster/", "/dagster/runs", "/dagster/graphql", "//dagster//runs"])
def test_nobody_comes_in_without_a_password(gateway: Gateway, path: str) -> None:
    wrong = [{}, credentials(OPERATOR, "wrong"), credentials("mallory"), {"X-Remote-User": OPERATOR}]
    wrong += [{"Authorization": f"Bearer {OPERATOR}"}, {"X-Forwarded-User": OPERATOR, "X-Original-URL": "/dagster"}]
    for headers in wrong:
        for method in ("GET", "POST", "HEAD"):
            answer = gateway.ask(method, path, headers={**JSON, **headers}, body='{"query": "{version}"}')
            assert answer.status in (401, 403, 405), (method, headers)
            assert "dagster" not in answer.body


@pytest.mark.usefixtures("ids")
@pytest.mark.parametrize("user", [VIEWER, OPERATOR])
def test_both_roles_read(gateway: Gateway, user: str) -> None:
    for path in ("/dagster/", "/dagster/runs", "/dagster/assets/notion_page?view=partitions&partition=school%2Fone"):
        page = gateway.ask("GET", path, user)
        assert page.status == 200
        assert '"pathPrefix":"/dagster"' in page.body.replace(" ", "")
    answer = gateway.graphql(user, STATE)
    assert answer.status == 200
    assert answer.found["assetNodeOrError"]["partitionKeys"] == ["school/one"]


def test_whatever_a_viewer_asks_the_server_to_do_is_refused_and_nothing_is_changed(
    gateway: Gateway, ids: dict[str, str]
) -> None:
    before = state(gateway)
    for name in REFUSED:
        answer = gateway.graphql(VIEWER, written(name, ids))
        assert "Unauthorized" in answer.body or "do not have permission" in answer.body, (name, answer.body)
    assert state(gateway) == before


def test_a_new_release_of_dagster_can_do_nothing_that_was_not_tried_here(gateway: Gateway) -> None:
    fields = gateway.graphql(VIEWER, '{ __type(name: "Mutation") { fields { name } } }').found["__type"]["fields"]
    assert {field["name"] for field in fields} == {*REFUSED, *HARMLESS}


def test_an_operator_launches_and_ends_runs_under_the_own_name(gateway: Gateway, ids: dict[str, str]) -> None:
    assert launch(gateway, OPERATOR, {"X-Remote-User": "root"}) == "LaunchRunSuccess"
    run = state(gateway)["runsOrError"]["results"][0]
    assert run["runId"] != ids["run"]
    tags = tags_of_last_run(gateway)
    assert (tags["user"], tags["esl/actor"], tags["esl/tenant"]) == (OPERATOR, f"operator:{OPERATOR}", "school")
    answer = gateway.graphql(OPERATOR, written("terminateRun", {"run": run["runId"]}))
    assert answer.found["done"]["__typename"] == "TerminateRunSuccess"
    assert state(gateway)["runsOrError"]["results"][0]["status"] == "CANCELED"


def test_names_that_the_launchpad_is_given_are_replaced(gateway: Gateway) -> None:
    forged = '[{key: "user", value: "root"}, {key: "esl/actor", value: "shell:root"}, '
    text = written("launchRun", {}).replace("tags: [", f"tags: {forged}")
    assert text.count("root") == 2
    gateway.graphql(OPERATOR, text)
    tags = tags_of_last_run(gateway)
    assert (tags["user"], tags["esl/actor"]) == (OPERATOR, f"operator:{OPERATOR}")


@pytest.mark.parametrize("user", ["Alice", "alice2"])
def test_names_that_are_like_an_operators_are_no_operators(gateway: Gateway, user: str) -> None:
    assert launch(gateway, user) == "UnauthorizedError"


TRICKS = [
    {"X-Remote-User": OPERATOR},
    {"X-Remote-User": OPERATOR, "Remote-User": OPERATOR, "X-Forwarded-User": OPERATOR, "X-Auth-Request-User": OPERATOR},
    {"X-Original-URL": "/dagster/graphql", "X-Rewrite-URL": "/dagster/graphql"},
    {"X-Forwarded-Host": "127.0.0.1:3000", "Forwarded": "for=127.0.0.1;host=127.0.0.1:3000"},
    {"X-Dagster-Read-Only": "false", "Dagster-Cloud-Api-Token": OPERATOR},
]


@pytest.mark.parametrize("headers", TRICKS)
def test_no_header_makes_a_viewer_an_operator(gateway: Gateway, headers: dict[str, str]) -> None:
    before = state(gateway)["runsOrError"]
    assert launch(gateway, VIEWER, headers) == "UnauthorizedError"
    assert state(gateway)["runsOrError"] == before


PATHS = [
    "//dagster/graphql",
    "/dagster//graphql",
    "/dagster/./graphql",
    "/dagster/x/../graphql",
    "/%64agster/graphql",
    "/dagster/%67raphql",
    "/dagster/graphql/",
    "/dagster/graphql;x",
    "/DAGSTER/graphql",
    "/graphql",
    "/dagster/..%2fgraphql",
    "/dagster/runs/..%2f..%2fdagster/graphql",
    f"http://{HOST}/dagster/graphql",
]


@pytest.mark.parametrize("path", PATHS)
def test_no_path_makes_a_viewer_an_operator(gateway: Gateway, path: str) -> None:
    before = state(gateway)["runsOrError"]
    body = json.dumps({"query": written("launchRun", {})})
    for method in ("POST", "PUT", "GET"):
        for headers in ({}, {"X-HTTP-Method-Override": "POST"}, {"X-Method-Override": "GET"}):
            answer = gateway.ask(method, path, VIEWER, {**JSON, **headers}, body)
            assert "Success" not in answer.body, (method, headers)
            nobody = gateway.ask(method, path, "", {**JSON, **headers}, body)
            assert nobody.status in (400, 401, 403, 404, 405), (method, headers)
    assert state(gateway)["runsOrError"] == before


@pytest.mark.parametrize("kind", ["materialization", "check", "observation"])
def test_nobody_reports_events_past_the_runs(gateway: Gateway, kind: str) -> None:
    before = state(gateway)["assetNodeOrError"]
    for user in (VIEWER, OPERATOR):
        for path in (f"/dagster/report_asset_{kind}/notion_page", f"//dagster//report_asset_{kind}/notion_page"):
            answer = gateway.ask("POST", f"{path}?passed=true&check_name=page_matches_lesson", user)
            assert answer.status == 403
    assert state(gateway)["assetNodeOrError"] == before


def test_another_site_gets_nothing_done_with_an_operators_password(gateway: Gateway) -> None:
    before = state(gateway)["runsOrError"]
    text = written("launchRun", {})
    address, body = f"/dagster/graphql?query={quote(text)}", json.dumps({"query": text})
    picture = {"Accept": "image/*", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    form = {"Origin": "https://evil.example", "Content-Type": "text/plain"}
    opened = {"Accept": "text/html", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    asked = [
        gateway.ask("GET", address, OPERATOR),
        gateway.ask("GET", address, OPERATOR, picture),
        gateway.ask("GET", address, OPERATOR, opened),
        gateway.ask("POST", address, OPERATOR, form),
        gateway.ask("POST", address, OPERATOR, {"Content-Type": "application/x-www-form-urlencoded"}),
        gateway.ask("POST", "/dagster/graphql", OPERATOR, {"Content-Type": "text/plain"}, body),
        gateway.ask("POST", "/dagster/graphql", OPERATOR, {**JSON, "Origin": "https://evil.example"}, body),
        gateway.ask("POST", "/dagster/graphql", OPERATOR, {**JSON, "Origin": "null"}, body),
        gateway.ask("POST", "/dagster/graphql", OPERATOR, {**JSON, "Sec-Fetch-Site": "same-site"}, body),
    ]
    assert {answer.status for answer in asked} == {403, 405}
    assert state(gateway)["runsOrError"] == before
    own = {**JSON, "Origin": ORIGIN, "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}
    assert gateway.ask("POST", "/dagster/graphql", OPERATOR, own, '{"query": "{ version }"}').status == 200


def test_the_bare_address_leads_to_the_first_page(gateway: Gateway) -> None:
    assert gateway.ask("GET", "/", VIEWER).headers["Location"] == "/dagster/"
    assert gateway.ask("GET", "/dagster", VIEWER).headers["location"] == f"{ORIGIN}/dagster/"


def test_links_from_other_sites_open_pages(gateway: Gateway) -> None:
    link = {"Accept": "text/html", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert gateway.ask("GET", "/dagster/runs", VIEWER, link).status == 200


def test_answers_forbid_frames_and_downgrades(gateway: Gateway) -> None:
    for path, user in (("/dagster/", VIEWER), ("/dagster/", "")):
        headers = [(name.lower(), text) for name, text in gateway.ask("GET", path, user).headers.items()]
        assert ("x-frame-options", "DENY") in headers
        assert ("x-content-type-options", "nosniff") in headers
        assert any(name == "strict-transport-security" for name, _ in headers)
        assert ("content-security-policy", "frame-ancestors 'none'") in headers


def test_other_names_and_plain_http_get_no_page(gateway: Gateway) -> None:
    with pytest.raises(ssl.SSLError):
        gateway.connect("other.example.com")
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        gateway.ask("GET", "/dagster", VIEWER, {"Host": "evil.example"})
    answer = requests.get(f"http://127.0.0.1:{gateway.port - 1}/dagster/runs", allow_redirects=False, timeout=10)
    assert (answer.status_code, answer.headers["Location"]) == (301, f"{ORIGIN}/dagster/runs")


@contextmanager
def websocket(gateway: Gateway, user: str, **headers: str) -> Iterator[ClientConnection]:
    """Opens the connection by which pages hear of news."""
    with connect(
        f"wss://{HOST}/dagster/graphql",
        sock=socket.create_connection(("127.0.0.1", gateway.port)),
        ssl=gateway.trusted,
        subprotocols=[Subprotocol("graphql-ws")],
        additional_headers={**credentials(user), **headers},
    ) as connection:
        yield connection


@pytest.mark.parametrize("user", [VIEWER, OPERATOR])
def test_pages_hear_of_news_by_a_websocket(gateway: Gateway, ids: dict[str, str], user: str) -> None:
    with websocket(gateway, user, Origin=ORIGIN) as connection:
        connection.send(json.dumps({"type": "connection_init"}))
        assert json.loads(connection.recv(10)) == {"type": "connection_ack"}
        logs = f'subscription {{ pipelineRunLogs(runId: "{ids["run"]}") {{ __typename }} }}'
        connection.send(json.dumps({"type": "start", "id": "1", "payload": {"query": logs}}))
        assert "PipelineRunLogsSubscriptionSuccess" in str(connection.recv(10))


def test_a_websocket_does_nothing_for_a_viewer(gateway: Gateway) -> None:
    before = state(gateway)["runsOrError"]
    with websocket(gateway, VIEWER) as connection:
        connection.send(json.dumps({"type": "start", "id": "1", "payload": {"query": written("launchRun", {})}}))
        assert json.loads(connection.recv(10))["type"] == "error"
    assert state(gateway)["runsOrError"] == before


def test_no_websocket_opens_without_a_password_or_from_another_site(gateway: Gateway) -> None:
    for user, origin, status in (("", ORIGIN, 401), (OPERATOR, "https://evil.example", 403)):
        with pytest.raises(InvalidStatus) as refused, websocket(gateway, user, Origin=origin):
            pass
        assert refused.value.response.status_code == status
