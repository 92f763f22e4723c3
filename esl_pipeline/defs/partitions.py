"""The partitions: one per assignment, keyed ``tenant/assignment``."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import dagster as dg

from esl_pipeline.manifests import parse_partition_key

ASSIGNMENTS = dg.DynamicPartitionsDefinition(name="assignments")

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
    key = context.run.tags.get("dagster/partition")
    if key is None:
        raise dg.Failure("Choose a partition: one tenant/assignment.", allow_retries=False)
    try:
        return parse_partition_key(key)
    except ValueError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
