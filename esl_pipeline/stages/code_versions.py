"""The version of each stage's code: it is raised when the stage makes something else of the same input.

They stand here and not with their stages, because Dagster's definitions tell them, and need nothing else of a stage.
"""

from __future__ import annotations

from collections.abc import Mapping

from esl_pipeline.stages.stage import Stage

LESSON_VERSION = 1
"""Raised when the same file gives another lesson, or other problems."""

PAGE_VERSION = 1
"""Raised when the same lesson gives other blocks or properties; pages are then brought up to date by their diff."""

SPEECH_VERSION = 1
"""Raised when the same study text gives other requests, so that speech is planned anew; stored speech is not bought."""

MIX_VERSION = 4
"""Raised when the same segments and settings give other bytes, so that tracks are made anew."""

UPLOAD_VERSION = 1
"""Raised when the same track is uploaded under other keys or with other headers."""

ATTACH_VERSION = 1
"""Raised when the same upload gives another audio block."""

CODE_VERSIONS: Mapping[Stage, int] = {
    Stage.MANIFEST: LESSON_VERSION,
    Stage.PAGE: PAGE_VERSION,
    Stage.SPEECH: SPEECH_VERSION,
    Stage.MERGE: MIX_VERSION,
    Stage.UPLOAD: UPLOAD_VERSION,
    Stage.ATTACH: ATTACH_VERSION,
}
