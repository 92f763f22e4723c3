"""What Dagster loads. Loading needs no credentials and calls nobody."""

from __future__ import annotations

import dagster as dg

from esl_pipeline.defs.assets import ASSETS
from esl_pipeline.defs.checks import CHECKS
from esl_pipeline.defs.jobs import JOBS
from esl_pipeline.defs.resources import AskingResource, PipelineResource
from esl_pipeline.defs.s3_resource import S3Resource
from esl_pipeline.defs.sensors import lost_retries_sensor, manifest_sensor, notify_failures, queue_sensor
from esl_pipeline.defs.tenants import sync_voices_daily, sync_voices_job, voice_catalogue, voices_stay
from esl_pipeline.defs.upkeep import CHECKS as UPKEEP_CHECKS
from esl_pipeline.defs.upkeep import JOBS as UPKEEP_JOBS
from esl_pipeline.defs.upkeep import SCHEDULES as UPKEEP_SCHEDULES
from esl_pipeline.defs.usage import speech_usage, sum_speech_usage, sum_speech_usage_daily
from esl_pipeline.defs.vendor_resources import ElevenLabsResource, NotionResource, OpenAiResource
from esl_pipeline.defs.voice_freshness import check_voices_daily, check_voices_job, voice_catalogue_is_fresh


def define(*, sandbox: bool = False) -> dg.Definitions:
    """Makes the definitions.

    Args:
        sandbox: True for the sandbox whatever the credentials.
    """
    asking = AskingResource.configure_at_launch()
    notion, elevenlabs, openai, s3 = NotionResource(), ElevenLabsResource(), OpenAiResource(), S3Resource()
    return dg.Definitions(
        assets=[*ASSETS, voice_catalogue, speech_usage],
        asset_checks=[*CHECKS, *UPKEEP_CHECKS, voices_stay, voice_catalogue_is_fresh],
        jobs=[*JOBS, sync_voices_job, check_voices_job, sum_speech_usage, *UPKEEP_JOBS],
        schedules=[sync_voices_daily, check_voices_daily, sum_speech_usage_daily, *UPKEEP_SCHEDULES],
        sensors=[manifest_sensor, queue_sensor, notify_failures, lost_retries_sensor],
        resources={
            "asking": asking,
            "notion": notion,
            "elevenlabs": elevenlabs,
            "openai": openai,
            "s3": s3,
            "pipeline": PipelineResource(
                notion=notion, elevenlabs=elevenlabs, openai=openai, s3=s3, asking=asking, sandbox=sandbox
            ),
        },
        executor=dg.in_process_executor,
    )


defs = define()
