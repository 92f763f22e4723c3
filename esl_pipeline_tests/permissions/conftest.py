"""nginx and two web servers, for all tests of permissions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from esl_pipeline_tests.browser.running_dev import free_ports
from esl_pipeline_tests.permissions.gateway import Gateway, running_gateway
from esl_pipeline_tests.permissions.web_servers import web_servers

VIEWER, OPERATOR = "carol", "alice"
USERS = [VIEWER, OPERATOR, "Alice", "alice2"]


@pytest.fixture(scope="package")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the instance."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="package")
def gateway(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """nginx, and behind it both web servers."""
    folder, first = tmp_path_factory.mktemp("nginx"), free_ports(5)
    ports = {"80": first, "443": first + 1, "3000": first + 2, "3001": first + 3}
    with running_gateway(folder, ports, USERS) as gateway, web_servers(home, first + 4, first + 2, first + 3):
        yield gateway
