"""The partitions: one per assignment, keyed ``tenant/assignment``."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import dagster as dg
from dagster._core.storage.tags import (
    ASSET_PARTITION_RANGE_END_TAG,
    ASSET_PARTITION_RANGE_START_TAG,
    PARTITION_NAME_TAG,
)

from esl_pipeline.defs.failures import refusal
from esl_pipeline.slugs import SlugError, parse_partition_key

ASSIGNMENTS = dg.DynamicPartitionsDefinition(name="assignments")

NO_PARTITION = "no_partition"
"""Code of a run that should have a partition."""

TENANT_TAG = "esl/tenant"
ASSIGNMENT_TAG = "esl/assignment"


@contextmanager
def partitioned_checks() -> Iterator[None]:
    """Lets checks have partitions, so that their outcome is kept per assignment; Dagster 1.13 calls that a preview."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.PreviewWarning)
        yield


def tags_of(partition_key: str) -> dict[str, str]:
    """Returns the run tags of an assignment, by which an operator filters runs."""
    tenant, assignment = parse_partition_key(partition_key)
    return {TENANT_TAG: tenant, ASSIGNMENT_TAG: assignment}


def tags_of_run(run: dg.DagsterRun) -> dict[str, str]:
    """Returns the tags of the assignment that a run is for, or of the tenant; none where it is for neither.

    A run for a range of partitions is for one where the range has just one.
    """
    first, last = run.tags.get(ASSET_PARTITION_RANGE_START_TAG), run.tags.get(ASSET_PARTITION_RANGE_END_TAG)
    key = run.tags.get(PARTITION_NAME_TAG) or (first if first == last else None)
    if not key:
        return {}
    if run.job_name == "sync_voices" or run.asset_selection == {dg.AssetKey("voice_catalogue")}:
        return {TENANT_TAG: key}
    try:
        return tags_of(key)
    except SlugError:
        return {}


def add_assignments(instance: dg.DagsterInstance, partition_keys: Iterable[str]) -> None:
    """Adds partitions, after a check of their slugs: Dagster itself takes any text."""
    keys = list(partition_keys)
    for key in keys:
        parse_partition_key(key)
    instance.add_dynamic_partitions("assignments", keys)


def assignment_of(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> tuple[str, str]:
    """Returns tenant and assignment of the run's partition.

    Raises:
        Failure: the run has no partition, or its key is no ``tenant/assignment``.
    """
    key = context.run.tags.get(PARTITION_NAME_TAG)
    if key is None:
        fix = "Launch a run for each partition: one tenant/assignment."
        raise refusal("The run is for no partition, or for several.", NO_PARTITION, fix)
    try:
        return parse_partition_key(key)
    except SlugError as error:
        fix = "Delete the partition on the page of validated_manifest, and add one whose key is as it should be."
        raise refusal(str(error), "bad_partition", fix) from error
