from __future__ import annotations

from esl_pipeline.stages.checks import audio_is_attached, audio_lasts_as_long_as_its_segments
from esl_pipeline_tests.sandboxed import Sandboxed, flat, succeeded
from esl_pipeline_tests.stages.speech_stage import short


def test_each_thing_that_is_missing_is_told_with_the_asset_that_mends_it(
    sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    record = succeeded(sandbox.publish(short(four_turns, assignment), "lesson", tenant=assignment))
    pipeline = sandbox.pipeline()
    job = pipeline.open_job(assignment, "lesson")
    assert audio_is_attached(pipeline, job).passed
    assert audio_lasts_as_long_as_its_segments(pipeline, job).passed

    (audio,) = [block for block in flat(sandbox.tree(record.page.id or "")) if block.type == "audio"]
    links = audio.block["audio"]["caption"]
    sandbox.notion("PATCH", f"blocks/{audio.id}", {"audio": {"caption": [{"text": links[0]["text"]}]}})
    assert "links below the player" in audio_is_attached(pipeline, job).description
    sandbox.notion("PATCH", f"blocks/{audio.id}", {"audio": {"caption": [{"text": {"content": "Listen!"}}]}})
    assert audio_is_attached(pipeline, job).passed

    upload = job.ledger.read().upload
    assert upload is not None
    pipeline.vendors(job).objects.delete(upload.files[0].key)
    looked = audio_is_attached(pipeline, job)
    assert (looked.passed, looked.metadata["s3/missing"]) == (False, [upload.files[0].key])
    assert "audio_upload" in looked.fix
    with sandbox.faults({"vendor": "s3", "method": "GET", "every": 1, "kind": "403", "code": "AccessDenied"}):
        assert audio_is_attached(pipeline, job).passed

    for path in (sandbox.environment.state / "artifacts" / assignment).rglob("*.lrc"):
        path.unlink()
    gone = audio_lasts_as_long_as_its_segments(pipeline, job)
    assert not gone.passed
    assert "lyrics.lrc" in gone.description
    assert "merged_mp3" in gone.fix
