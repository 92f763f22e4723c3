from __future__ import annotations

import subprocess
import sys

HEAVY = (
    "alembic",
    "boto3",
    "cryptography",
    "dagster_aws",
    "dagster_postgres",
    "flask",
    "matplotlib",
    "moto",
    "onnxruntime",
    "pandas",
    "psycopg2",
    "rich",
    "sqlalchemy",
    "structlog",
)
"""What loading the definitions must not load: half a second and more, in each process that only looks at them."""


def test_loading_the_definitions_loads_nothing_heavy() -> None:
    script = "import sys, esl_pipeline.definitions; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "esl_pipeline" in loaded
    assert [name for name in HEAVY if name in loaded] == []
