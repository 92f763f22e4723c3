"""What starts runs when something is asked for, and what tells of those that failed."""

from esl_pipeline.defs.sensors.failures import notify_failures
from esl_pipeline.defs.sensors.lost_retries import lost_retries_sensor
from esl_pipeline.defs.sensors.manifests import manifest_sensor
from esl_pipeline.defs.sensors.queue import queue_sensor

__all__ = ["lost_retries_sensor", "manifest_sensor", "notify_failures", "queue_sensor"]
