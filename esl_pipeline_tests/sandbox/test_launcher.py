"""Starting, joining and stopping the sandbox as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from esl_pipeline.sandbox.launcher import SandboxAddresses, SandboxError, join_or_start, stop
from esl_pipeline.sandbox.notion import PLAIN_DATA_SOURCE_ID
from esl_pipeline.sandbox.server import start
from esl_pipeline_tests.browser.running_dev import free_ports
from esl_pipeline_tests.sandbox.notion_asker import HEADERS, paragraph, text_of


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home folder, whose sandbox is stopped afterwards."""
    yield tmp_path
    stop(tmp_path)


@pytest.fixture
def port() -> int:
    """The first of four ports that are free."""
    return free_ports(4)


def _is_free(number: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", number)) != 0


def _pid(home: Path) -> int:
    pid: int = json.loads((home / "sandbox" / "process.json").read_text())["pid"]
    return pid


def _make_page(at: SandboxAddresses) -> str:
    body = {"parent": {"data_source_id": PLAIN_DATA_SOURCE_ID}, "children": [paragraph("kept")]}
    answer = requests.post(f"{at.notion_url}/v1/pages", json=body, headers=HEADERS, timeout=10)
    page_id: str = answer.json()["id"]
    return page_id


def _texts(at: SandboxAddresses, page_id: str) -> list[str]:
    answer = requests.get(f"{at.notion_url}/v1/blocks/{page_id}/children", headers=HEADERS, timeout=10)
    return [text_of(block) for block in answer.json()["results"]]


def test_a_sandbox_is_started_joined_and_stopped(home: Path, port: int) -> None:
    first = join_or_start(home, port)
    assert (first.started, first.base_port) == (True, port)
    assert first.notion_url == f"http://127.0.0.1:{port + 1}"
    assert first.elevenlabs_url == f"http://127.0.0.1:{port + 2}"
    assert first.s3_url == f"http://127.0.0.1:{port + 3}"
    joined = join_or_start(home, port)
    assert joined == SandboxAddresses(**{**first.__dict__, "started": False})
    assert requests.get(first.viewer_url, timeout=10).status_code == 200
    assert stop(home) is True
    assert stop(home) is False
    assert all(_is_free(port + offset) for offset in range(4))


def test_a_sandbox_is_found_on_whatever_port_it_runs(home: Path, port: int) -> None:
    first = join_or_start(home, port)
    assert join_or_start(home, port + 4).notion_url == first.notion_url


def test_many_starters_at_once_get_one_sandbox(home: Path, port: int) -> None:
    code = (
        "import sys; from pathlib import Path; from esl_pipeline.sandbox.launcher import join_or_start;"
        "print(join_or_start(Path(sys.argv[1]), int(sys.argv[2])).started)"
    )
    command = [sys.executable, "-c", code, str(home), str(port)]
    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(lambda _: subprocess.run(command, capture_output=True, text=True, timeout=60), range(4)))
    assert [done.returncode for done in said] == [0] * 4, [done.stderr for done in said]
    assert sorted(done.stdout.strip() for done in said) == ["False", "False", "False", "True"]
    # It outlives the process that started it.
    assert join_or_start(home, port).started is False


def test_what_was_answered_survives_a_sandbox_that_is_killed(home: Path, port: int) -> None:
    at = join_or_start(home, port)
    page_id = _make_page(at)
    requests.put(f"{at.s3_url}/{at.bucket}/a.mp3", b"sound", timeout=10).raise_for_status()
    os.kill(_pid(home), signal.SIGKILL)
    again = join_or_start(home, port)
    assert again.started is True
    assert _texts(again, page_id) == ["kept"]
    assert requests.get(f"{again.s3_url}/{again.bucket}/a.mp3", timeout=10).content == b"sound"


def test_a_port_of_another_program_is_named(home: Path, port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port + 2))
        other.listen()
        with pytest.raises(SandboxError, match=rf"Port {port + 2} is used by another program\. Set ESL_SANDBOX_PORT"):
            join_or_start(home, port)
        with pytest.raises(SandboxError, match=f"Port {port + 2} is used"):
            start(home, port)
    with start(home, port):
        pass


def test_the_sandbox_of_another_folder_is_named(tmp_path: Path, home: Path, port: int) -> None:
    with start(tmp_path / "other", port):
        with pytest.raises(SandboxError, match=r"the sandbox of another folder, .*other"):
            join_or_start(home, port)
        assert stop(home) is False


def test_one_folder_has_one_sandbox(tmp_path: Path) -> None:
    with start(tmp_path), pytest.raises(SandboxError, match=r"A sandbox is running already in .*esl sandbox stop"):
        start(tmp_path)


def test_a_process_that_was_given_the_same_id_is_left_alone(home: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        folder = home / "sandbox"
        folder.mkdir()
        (folder / "process.json").write_text(json.dumps({"pid": stranger.pid, "port": 9}))
        assert stop(home) is False
        assert stranger.poll() is None


def test_a_sandbox_inside_another_program_is_not_stopped_from_outside(tmp_path: Path) -> None:
    with start(tmp_path) as sandbox:
        assert stop(tmp_path) is False
        assert requests.get(sandbox.addresses.viewer_url, timeout=10).status_code == 200


def test_a_sandbox_inside_another_program_is_joined_on_its_port(tmp_path: Path) -> None:
    with start(tmp_path) as sandbox:
        joined = join_or_start(tmp_path, sandbox.addresses.base_port)
        assert joined == SandboxAddresses(**{**sandbox.addresses.__dict__, "started": False})


def test_a_port_too_high_for_four_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="Port 65533 can't be the first of four"):
        start(tmp_path, 65_533)


def test_a_sandbox_in_the_foreground_ends_on_sigterm(home: Path, port: int) -> None:
    command = [sys.executable, "-m", "esl_pipeline.sandbox", str(home), str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == f"sandbox running: pages at http://127.0.0.1:{port}\n"
        child.send_signal(signal.SIGTERM)
        assert child.wait(10) == 0
    assert not (home / "sandbox" / "process.json").exists()


def test_only_this_machine_can_reach_it(tmp_path: Path) -> None:
    with start(tmp_path) as sandbox:
        ports = [int(url.rpartition(":")[2]) for url in list(sandbox.addresses.__dict__.values())[1:5]]
        listening = Path("/proc/net/tcp")
        if not listening.exists():
            pytest.skip("the system does not list its ports here")
        local = {line.split()[1] for line in listening.read_text().splitlines()[1:] if line.split()[3] == "0A"}
        assert all(f"0100007F:{number:04X}" in local for number in ports)
        assert not any(f"00000000:{number:04X}" in local for number in ports)


def test_a_start_takes_little_time(home: Path, port: int) -> None:
    began = time.monotonic()
    join_or_start(home, port)
    assert time.monotonic() - began < 10, "the machine is busy, or the sandbox loads too much before it answers"


def test_the_ids_of_the_tables_cost_no_server_to_import() -> None:
    code = (
        "import sys; import esl_pipeline.sandbox.notion, esl_pipeline.sandbox.launcher;"
        "print([name for name in ('flask', 'moto', 'werkzeug', 'pydantic') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
