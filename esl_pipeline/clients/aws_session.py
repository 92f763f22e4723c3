"""Sessions of boto3 that share what its package says of AWS's services.

Each session of boto3 reads and parses some two megabytes of JSON for its first client, a quarter of a second of
processor time. One process may serve many tenants, each with a session of its own, and a run is short.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from botocore.loaders import Loader, create_loader
from botocore.session import get_session

if TYPE_CHECKING:
    from boto3.session import Session
    from botocore.session import Session as BotocoreSession

READ_AHEAD = (("endpoints", "partitions", "sdk-default-configuration"), ("s3",))
"""Files, and services whose models are read, by a process whose children are to find them read."""


def aws_session(
    key: str | None = None, secret: str | None = None, *, region: str | None = None, core: BotocoreSession | None = None
) -> Session:
    """Returns a session; nobody is asked for credentials yet.

    Args:
        key: access key; boto3's own chain where None.
        secret: its secret.
        region: boto3's own choice where None.
        core: a session of botocore that has its credentials already; a new one where None.
    """
    import boto3

    core = core or get_session()
    loader = _loader(core.get_config_variable("data_path"))
    core.register_component("data_loader", loader)
    session = boto3.session.Session(key, secret, region_name=region, botocore_session=core)
    # Each session of boto3 adds the same folder.
    loader.search_paths[:] = dict.fromkeys(loader.search_paths)
    return session


def read_ahead() -> None:
    """Reads what nearly every run needs."""
    loader = _loader(get_session().get_config_variable("data_path"))
    files, services = READ_AHEAD
    for name in files:
        loader.load_data_with_path(name)
    for name in services:
        loader.load_service_model(name, "service-2")
        loader.load_service_model(name, "endpoint-rule-set-1")


@cache
def _loader(data_path: str | None) -> Loader:
    return create_loader(data_path)
