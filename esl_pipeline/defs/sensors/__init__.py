"""What starts runs when something is asked for."""

from esl_pipeline.defs.sensors.manifests import manifest_sensor

__all__ = ["manifest_sensor"]
