"""The version of each stage's code: it is raised when the stage makes something else of the same input."""

from __future__ import annotations

from collections.abc import Mapping

from esl_pipeline.stages.attach_audio import ATTACH_VERSION
from esl_pipeline.stages.merge_track import MIX_VERSION
from esl_pipeline.stages.outcome import Stage
from esl_pipeline.stages.publish_page import PAGE_VERSION
from esl_pipeline.stages.speech_plan import SPEECH_VERSION
from esl_pipeline.stages.upload_audio import UPLOAD_VERSION
from esl_pipeline.stages.validate_manifest import LESSON_VERSION

CODE_VERSIONS: Mapping[Stage, int] = {
    Stage.MANIFEST: LESSON_VERSION,
    Stage.PAGE: PAGE_VERSION,
    Stage.SPEECH: SPEECH_VERSION,
    Stage.MERGE: MIX_VERSION,
    Stage.UPLOAD: UPLOAD_VERSION,
    Stage.ATTACH: ATTACH_VERSION,
}
