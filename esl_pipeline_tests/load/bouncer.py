"""pgbouncer between Dagster, the stores and Postgres, as on a server with many runs."""

from __future__ import annotations

import shutil
from pathlib import Path

from esl_pipeline_tests.load.servers import Server
from esl_pipeline_tests.real_postgres import PostgresServer, system_user

PROGRAM = "/usr/sbin/pgbouncer"
CONFIG = """[databases]
postgres = host=127.0.0.1 port={postgres} dbname=postgres user=postgres

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
max_client_conn = 1000
default_pool_size = 20
logfile = {log}
"""


def make_bouncer(folder: Path, port: int, postgres: PostgresServer) -> Server:
    """Returns a pgbouncer that is not started yet."""
    own = folder / "pgbouncer"
    own.mkdir()
    config = own / "pgbouncer.ini"
    config.write_text(CONFIG.format(postgres=postgres.port, port=port, log=own / "log"), "utf-8")
    user = system_user()
    if user:
        folder.chmod(0o755)
        shutil.chown(own, user)
    return Server("pgbouncer", [PROGRAM, "-q", str(config)], {}, folder, port, user)
