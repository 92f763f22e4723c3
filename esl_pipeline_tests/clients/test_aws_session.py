from __future__ import annotations

from typing import Any

import pytest
from botocore.loaders import JSONFileLoader

from esl_pipeline.clients.aws_session import aws_session, read_ahead


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files of botocore that are read."""
    names: list[str] = []
    load_file = JSONFileLoader.load_file

    def noted(self: JSONFileLoader, file_path: str) -> Any:
        found = load_file(self, file_path)
        if found is not None:
            names.append(file_path)
        return found

    monkeypatch.setattr(JSONFileLoader, "load_file", noted)
    return names


def client_of(key: str) -> Any:
    return aws_session(key, "secret", region="us-east-1").client("s3", endpoint_url="http://127.0.0.1:9")


def test_what_is_read_ahead_is_all_that_a_client_reads(read: list[str]) -> None:
    read_ahead()
    read.clear()
    client_of("AKIAONE")
    assert read == []


def test_sessions_share_files_and_nothing_else() -> None:
    one, other = client_of("AKIAONE"), client_of("AKIAOTHER")
    keys = [client._request_signer._credentials.access_key for client in (one, other)]
    assert keys == ["AKIAONE", "AKIAOTHER"]
    assert one.meta.events is not other.meta.events


def test_many_sessions_leave_nothing_behind() -> None:
    loader = aws_session()._session.get_component("data_loader")
    before = list(loader.search_paths)
    for _ in range(3):
        aws_session()
    assert loader.search_paths == before
