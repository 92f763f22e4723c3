"""The Dagster instance under the home folder, and jobs run on it in this process."""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from esl_pipeline.commands.actor import shell_actor
from esl_pipeline.commands.dead_runs import fail_dead_runs
from esl_pipeline.stages.environment import ConfigurationError, dagster_postgres_url
from esl_pipeline.stages.hooks import Progress
from esl_pipeline.stages.job_record import CheckAnswer

if TYPE_CHECKING:
    import dagster as dg

DAGSTER_HOME = "DAGSTER_HOME"
STORAGE = re.compile(r"^(storage|run_storage):", re.MULTILINE)
SECTION = re.compile(r"^(\w+):", re.MULTILINE)


def instance_config() -> str:
    """Returns the project's dagster.yaml, from the checkout or from the installed package."""
    package = Path(__file__).parents[1]
    for folder in (package.parent, package):
        if (folder / "dagster.yaml").is_file() and (folder / "esl_pipeline").is_dir() | (folder == package):
            return (folder / "dagster.yaml").read_text("utf-8")
    raise FileNotFoundError("dagster.yaml is missing from the installation.")


def dagster_home(home: Path) -> Path:
    """Returns the instance's folder, made with the project's configuration where it does not exist.

    Raises:
        ConfigurationError: a Postgres is named, of which the folder's older configuration knows nothing.
    """
    folder = home / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "dagster.yaml"
    if not config.exists():
        config.write_text(instance_config(), "utf-8")
    elif dagster_postgres_url() and not STORAGE.search(config.read_text("utf-8")):
        raise ConfigurationError(
            f"ESL_DAGSTER_POSTGRES_URL is set, but {config} is of an older version. Copy the lines of `storage:` from "
            "the project's dagster.yaml into it, or remove the file if you never changed it: it is made anew."
        )
    return folder


def older_config_warning(folder: Path) -> str:
    """Returns what the instance's configuration lacks of the project's; empty where it has every section.

    The file is its operator's, so it is not changed; an older one still works, but not as the documentation says.
    """
    config = folder / "dagster.yaml"
    there = set(SECTION.findall(config.read_text("utf-8")))
    lacking = [f"`{section}:`" for section in SECTION.findall(instance_config()) if section not in there]
    if not lacking:
        return ""
    return (
        f"{config} is of an older version and lacks {', '.join(lacking)}: dead workers, launches and limits are not as "
        "documented. Compare it with the project's dagster.yaml, or remove it if you never changed it: it is made anew."
    )


def open_instance(home: Path) -> dg.DagsterInstance:
    """Opens the instance under a home folder for this process; its output is shown and not captured.

    Importing Dagster takes about 2 s, so only who runs a job does.
    """
    import dagster as dg
    from dagster._core.instance.ref import InstanceRef

    folder = dagster_home(home)
    own = {"module": "dagster._core.storage.noop_compute_log_manager", "class": "NoOpComputeLogManager"}
    with _dagster_home_is(folder):
        return dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(folder), overrides={"compute_logs": own}))


@contextmanager
def _dagster_home_is(folder: Path) -> Iterator[None]:
    """Sets what ``dagster.yaml`` refers to; web server and daemon are started with it."""
    before = os.environ.get(DAGSTER_HOME)
    os.environ[DAGSTER_HOME] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ[DAGSTER_HOME]
        else:
            os.environ[DAGSTER_HOME] = before


@dataclass(frozen=True)
class ShellRun:
    """What became of a run in this process.

    Attributes:
        error: why it failed outside of its stages; empty where it did not.
        checks: the looks that were taken afterwards.
    """

    run_id: str
    error: str
    checks: tuple[CheckAnswer, ...]


def run_publish_job(
    home: Path,
    key: str,
    *,
    asking: dict[str, Any],
    selection: Sequence[str] | None = None,
    progress: Progress | None = None,
    sandbox: bool = False,
) -> ShellRun:
    """Runs ``publish_lesson`` for one partition, here and now.

    Args:
        home: folder of all local state.
        key: the partition, ``tenant/assignment``; added where it is new.
        asking: the run's configuration of what is asked for.
        selection: names of the assets to make; all where None.
        progress: told of every stage event.
        sandbox: True for the sandbox whatever the credentials.
    """
    from esl_pipeline.definitions import define
    from esl_pipeline.defs.actors import ACTOR_TAG
    from esl_pipeline.defs.jobs import SHELL_TAGS
    from esl_pipeline.defs.launching.worker_process import WorkerProcess
    from esl_pipeline.defs.partitions import add_assignments, tags_of
    from esl_pipeline.defs.progress import PROGRESS

    with ExitStack() as stack:
        instance = stack.enter_context(open_instance(home))
        fail_dead_runs(instance)
        add_assignments(instance, [key])
        if progress:
            token = PROGRESS.set(progress)
            stack.callback(PROGRESS.reset, token)
        run_id = str(uuid.uuid4())
        outcome = (
            define(sandbox=sandbox)
            .resolve_job_def("publish_lesson")
            .execute_in_process(
                instance=instance,
                partition_key=key,
                run_config={
                    "resources": {"asking": {"config": asking}},
                    "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                },
                tags={**SHELL_TAGS, **tags_of(key), **WorkerProcess.current().tags(run_id), ACTOR_TAG: shell_actor()},
                asset_selection=_keys(selection),
                raise_on_error=False,
                run_id=run_id,
            )
        )
        return ShellRun(run_id, _error_of(outcome), _checks_of(outcome))


def _error_of(outcome: dg.ExecuteInProcessResult) -> str:
    """Returns why a run failed before or outside of its steps."""
    steps_failed = any(event.is_step_failure for event in outcome.all_events)
    failures = [event.job_failure_data for event in outcome.all_events if event.is_job_failure]
    causes = [failure.error for failure in failures if failure.error]
    if outcome.success or steps_failed or not causes:
        return ""
    root = causes[0]
    while root.cause:
        root = root.cause
    return root.message.strip()


def _checks_of(outcome: dg.ExecuteInProcessResult) -> tuple[CheckAnswer, ...]:
    return tuple(
        CheckAnswer(name=found.check_name, passed=found.passed, description=found.description or "")
        for found in outcome.get_asset_check_evaluations()
    )


def _keys(selection: Sequence[str] | None) -> list[dg.AssetKey] | None:
    import dagster as dg

    return None if selection is None else [dg.AssetKey(name) for name in selection]
