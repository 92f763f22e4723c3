"""What an asset's earlier runs of the same partition were like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg

from esl_pipeline.defs.metadata import MetadataDict
from esl_pipeline.stages.history_plot import MOST_RUNS, Figures, history_plot


def history_of(instance: dg.DagsterInstance, asset: dg.AssetKey, partition: str, now: MetadataDict) -> MetadataDict:
    """Returns the picture of the last runs, this one included; nothing at the first. Costs one query."""
    asked = dg.AssetRecordsFilter(asset_key=asset, asset_partitions=[partition])
    records = instance.fetch_materializations(asked, limit=MOST_RUNS - 1).records
    made = (record.asset_materialization for record in reversed(records))
    plot = history_plot([*(_figures(one.metadata) for one in made if one), _figures(now)])
    return {"stage/history": dg.MetadataValue.md(plot)} if plot else {}


def _figures(metadata: Mapping[str, Any]) -> Figures:
    numbers = (dg.IntMetadataValue, dg.FloatMetadataValue)
    return {name: float(one.value) for name, one in metadata.items() if isinstance(one, numbers) and one.value}
