"""The jobs that make an assignment's assets: all of them, or those that one thing is done with."""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition
from dagster._core.storage.tags import MAX_RETRIES_TAG, REPOSITORY_LABEL_TAG

from esl_pipeline.stages.stage import Stage

SHELL_TAGS = {REPOSITORY_LABEL_TAG: "__repository__@esl_pipeline.definitions", MAX_RETRIES_TAG: "0"}
"""Tags of runs that no web server launched: the UI shows them at their job, and the daemon does not run them again."""

OF_THE_NIGHT = dg.AssetCheckKey(dg.AssetKey(Stage.ATTACH.value), "stands_as_published")
"""The check that compares everything with what was published, which a run that publishes need not do at once."""


def _job(
    name: str, description: str, stages: Sequence[Stage], *, force: Sequence[Stage] = ()
) -> UnresolvedAssetJobDefinition:
    """Makes a job of some assets with their checks.

    Args:
        name: as operators know it.
        description: for them.
        stages: that it runs.
        force: stages that work although nothing changed, in runs that are given no configuration of their own.
    """
    assets = dg.AssetSelection.assets(*(stage.value for stage in stages))
    asking = {"config": {"force": [stage.value for stage in force]}}
    return dg.define_asset_job(
        name,
        selection=assets - dg.AssetSelection.checks(OF_THE_NIGHT),
        description=description,
        config={"resources": {"asking": asking}} if force else None,
        executor_def=dg.in_process_executor,
    )


publish_lesson = _job(
    "publish_lesson",
    "Publishes an assignment: page, speech, track, upload, player. Reads the inbox. Unchanged work is skipped.",
    tuple(Stage),
)

republish_text = _job(
    "republish_text",
    "The page alone: reads the inbox and writes what changed in the lesson. The sound stays as it is, so it says what "
    "the lesson said before; run publish_lesson where the study text changed.",
    (Stage.MANIFEST, Stage.PAGE),
)

recolour = _job(
    "recolour",
    "The page's heading colours alone, of the lesson as it was last found valid: those that the settings name now, or "
    "those of the field “preset”, which then stay. What people edited is left alone, and no speech is touched. For all "
    "of a tenant, launch it as a backfill and choose the partitions that begin with the tenant's name.",
    (Stage.PAGE,),
)

revoice = _job(
    "revoice",
    "Casts the speakers again by the settings as they are now, buys the speech that is not stored yet, and makes, "
    "uploads and attaches the new track. A voice stays where its wish is the same and the account still has it; stored "
    "speech is never bought again.",
    (Stage.SPEECH, Stage.MERGE, Stage.UPLOAD, Stage.ATTACH),
    force=(Stage.SPEECH,),
)

reupload = _job(
    "reupload",
    "Puts track and captions into the bucket again where they are missing there or the settings name another place, "
    "and lets the page play them from there.",
    (Stage.UPLOAD, Stage.ATTACH),
)

reattach = _job(
    "reattach",
    "Puts the audio player back above the study text where somebody deleted it, and brings its links up to date. One "
    "request where it stands.",
    (Stage.ATTACH,),
)

JOBS = (publish_lesson, republish_text, recolour, revoice, reupload, reattach)
