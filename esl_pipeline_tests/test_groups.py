from __future__ import annotations

import os

import pytest


@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="there is one process")
@pytest.mark.xdist_group("postgres")
def test_tests_with_one_server_are_a_group_of_one_worker(request: pytest.FixtureRequest) -> None:
    assert request.node.nodeid.endswith("@postgres")
