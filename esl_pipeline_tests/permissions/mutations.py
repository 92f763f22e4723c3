"""Everything that Dagster's GraphQL can be told to do, each on something that is there."""

from __future__ import annotations

REPOSITORY = 'repositoryName: "__repository__", repositoryLocationName: "esl_pipeline.definitions"'
JOB = f'{{{REPOSITORY}, jobName: "publish_lesson"}}'
SENSOR = f'{{{REPOSITORY}, sensorName: "manifest_sensor"}}'
SCHEDULE = f'{{{REPOSITORY}, scheduleName: "prune_artifacts_daily"}}'
TAGS = '[{key: "dagster/partition", value: "school/one"}]'
RUN = f'{{selector: {JOB}, mode: "default", executionMetadata: {{tags: {TAGS}}}}}'
BACKFILL = '{assetSelection: [{path: ["notion_page"]}], partitionNames: ["school/one"]}'
EVENT = '{eventType: ASSET_MATERIALIZATION, assetKey: {path: ["notion_page"]}, partitionKeys: ["school/one"]}'
EVALUATION = '{assetKey: {path: ["notion_page"]}, checkName: "page_matches_lesson", passed: true}'
PARTITIONS = f'repositorySelector: {{{REPOSITORY}}}, partitionsDefName: "assignments"'
LOCATION = '"esl_pipeline.definitions"'

HARMLESS = frozenset({"logTelemetry", "setNuxSeen"})
"""What also a read-only server does: it writes nothing that an operator sees. Here telemetry is off."""

REFUSED: dict[str, str] = {
    "launchRun": f"(executionParams: {RUN})",
    "launchPipelineExecution": f"(executionParams: {RUN})",
    "launchMultipleRuns": f"(executionParamsList: [{RUN}])",
    "launchRunReexecution": '(reexecutionParams: {parentRunId: "%(run)s", strategy: ALL_STEPS})',
    "launchPipelineReexecution": '(reexecutionParams: {parentRunId: "%(run)s", strategy: ALL_STEPS})',
    "startSchedule": f"(scheduleSelector: {SCHEDULE})",
    "stopRunningSchedule": '(id: "%(schedule)s")',
    "resetSchedule": f"(scheduleSelector: {SCHEDULE})",
    "startSensor": f"(sensorSelector: {SENSOR})",
    "stopSensor": '(id: "%(sensor)s")',
    "resetSensor": f"(sensorSelector: {SENSOR})",
    "setSensorCursor": f'(sensorSelector: {SENSOR}, cursor: "x")',
    "sensorDryRun": f'(selectorData: {SENSOR}, cursor: "x")',
    "scheduleDryRun": f"(selectorData: {SCHEDULE}, timestamp: 1.0)",
    "terminateRun": '(runId: "%(run)s")',
    "terminatePipelineExecution": '(runId: "%(run)s")',
    "terminateRuns": '(runIds: ["%(run)s"])',
    "deleteRun": '(runId: "%(run)s")',
    "deletePipelineRun": '(runId: "%(run)s")',
    "reloadRepositoryLocation": f"(repositoryLocationName: {LOCATION})",
    "shutdownRepositoryLocation": f"(repositoryLocationName: {LOCATION})",
    "reloadWorkspace": "",
    "wipeAssets": '(assetPartitionRanges: [{assetKey: {path: ["notion_page"]}}])',
    "reportRunlessAssetEvents": f"(eventParams: {EVENT})",
    "reportAssetCheckEvaluations": f"(eventParams: {EVALUATION})",
    "launchPartitionBackfill": f"(backfillParams: {BACKFILL})",
    "resumePartitionBackfill": '(backfillId: "%(backfill)s")',
    "reexecutePartitionBackfill": '(reexecutionParams: {parentRunId: "%(ended)s", strategy: ALL_STEPS})',
    "cancelPartitionBackfill": '(backfillId: "%(backfill)s")',
    "addDynamicPartition": f'({PARTITIONS}, partitionKey: "school/two")',
    "deleteDynamicPartitions": f'({PARTITIONS}, partitionKeys: ["school/one"])',
    "setAppManagedComponent": f'(locationName: {LOCATION}, componentId: "x", componentType: "x", attributes: "x")',
    "deleteAppManagedComponent": f'(locationName: {LOCATION}, componentId: "x")',
    "refreshComponentState": f'(locationName: {LOCATION}, defsStateKey: "x")',
    "setAutoMaterializePaused": "(paused: true)",
    "setConcurrencyLimit": '(concurrencyKey: "notion", limit: 5)',
    "deleteConcurrencyLimit": '(concurrencyKey: "notion")',
    "freeConcurrencySlotsForRun": '(runId: "%(run)s")',
    "freeConcurrencySlots": '(runId: "%(run)s")',
}
"""The arguments of every other mutation."""

NO_FIELDS = frozenset(
    {"setAutoMaterializePaused", "setConcurrencyLimit", "deleteConcurrencyLimit", "freeConcurrencySlotsForRun"}
    | {"freeConcurrencySlots"}
)
"""Mutations that answer with a word, and with an error when they may not."""

WHY = "__typename ... on Error { message }"
TERMINATED = f"{WHY} ... on TerminateRunFailure {{ message }}"
MORE = {
    "launchMultipleRuns": f"... on LaunchMultipleRunsResult {{ launchMultipleRunsResult {{ {WHY} }} }}",
    "terminateRuns": f"... on TerminateRunsResult {{ terminateRunResults {{ {TERMINATED} }} }}",
    "terminateRun": TERMINATED,
    "terminatePipelineExecution": TERMINATED,
}
"""Mutations that say more than whether and why not, or say it for each of several runs."""


def written(name: str, ids: dict[str, str]) -> str:
    """Returns a mutation as text."""
    arguments = REFUSED[name] % ids if "%(" in REFUSED[name] else REFUSED[name]
    fields = "" if name in NO_FIELDS else f"{{ {WHY} {MORE.get(name, '')} }}"
    return f"mutation {{ done: {name}{arguments} {fields} }}"
