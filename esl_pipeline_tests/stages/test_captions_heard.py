from __future__ import annotations

import io
from pathlib import Path

import pytest

from esl_pipeline_tests.alignment import align
from esl_pipeline_tests.audio.sounds import heard
from esl_pipeline_tests.sandboxed import Sandboxed

pytestmark = pytest.mark.slow
EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.md"))
AROUND_S = 0.3


@pytest.mark.parametrize("lesson", EXAMPLES, ids=lambda path: path.stem)
def test_each_turn_begins_when_its_caption_says(sandbox: Sandboxed, lesson: Path) -> None:
    record = sandbox.publish(lesson, lesson.stem, tenant="heard")
    publication = sandbox.pipeline().providers.publications.read("heard", lesson.stem)
    assert publication is not None
    assert publication.audio is not None
    samples, rate_hz = heard(io.BytesIO(Path(record.audio.path or "").read_bytes()))
    for cue in publication.audio.cues:
        first = max(cue.start_s - AROUND_S, 0.0)
        around = samples[round(first * rate_hz) : round((cue.end_s + AROUND_S) * rate_hz)]
        spoken = align(around, rate_hz, cue.text)
        assert first + spoken[0].start_s == pytest.approx(cue.start_s, abs=0.1), cue
        assert first + spoken[-1].end_s <= cue.end_s + 0.1, cue
