"""The picture of the tracks, from a setting to the MP3."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import av
import numpy as np
import pytest

from esl_pipeline.audio import CoverError
from esl_pipeline.manifests.settings import AudioSettings, Settings
from esl_pipeline.stages.track_cover import cover_of, read_cover_file
from esl_pipeline_tests.sandboxed import Sandboxed, succeeded
from esl_pipeline_tests.stages.speech_stage import brief


def png(path: Path, size: int = 8) -> Path:
    """Writes a picture."""
    frame = av.VideoFrame.from_ndarray(np.full((size, size, 3), 99, np.uint8), format="rgb24")
    with av.open(str(path), "w", format="image2") as container:
        stream = container.add_stream("png", 1, width=size, height=size, pix_fmt="rgb24")
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.fixture
def tenants(sandbox: Sandboxed, assignment: str) -> Iterator[Path]:
    """The folder of tenant files, where the test's tenant names a cover."""
    folder = sandbox.environment.tenants
    folder.mkdir(exist_ok=True)
    file = folder / f"{assignment}.yaml"
    file.write_text(f"schema_version: 2\nsettings:\n  audio:\n    cover: {assignment}.png\n")
    yield folder
    file.unlink()


def test_the_cover_is_in_the_mp3(sandbox: Sandboxed, tenants: Path, four_turns: str, assignment: str) -> None:
    picture = png(tenants / f"{assignment}.png").read_bytes()
    record = succeeded(sandbox.publish(brief(four_turns, assignment), "lesson", tenant=assignment))
    assert picture in Path(record.audio.path or "").read_bytes()
    png(tenants / f"{assignment}.png", 16)
    again = succeeded(sandbox.publish(brief(four_turns, assignment), "lesson", tenant=assignment))
    assert again.audio.sha256 != record.audio.sha256


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "there is no file"),
        (b"GIF89a", "neither a JPEG nor a PNG"),
        (b"\x89PNG\r\n\x1a\n" + bytes(1_000_000), "at most 1,000,000 are allowed"),
    ],
    ids=["missing", "no picture", "too large"],
)
def test_a_cover_that_can_not_be_used_is_a_problem_of_the_line_that_names_it_before_anything_is_sent(
    sandbox: Sandboxed, tenants: Path, four_turns: str, assignment: str, content: bytes | None, said: str
) -> None:
    if content:
        (tenants / f"{assignment}.png").write_bytes(content)
    with sandbox.watched() as seen:
        record = sandbox.publish(four_turns, "lesson", tenant=assignment)
    assert record.status == "rejected"
    assert seen == []
    (problem,) = [problem for problem in record.problems if problem.severity == "error"]
    assert (problem.file, problem.line) == (f"{assignment}.yaml", 4)
    assert said in problem.message
    assert problem.fix


@pytest.mark.parametrize("name", ["../secret.png", "/etc/hostname", "link.png", "folder/../../secret.png"])
def test_a_file_outside_the_folder_is_not_read(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "tenants"
    folder.mkdir()
    png(tmp_path / "secret.png")
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(PermissionError, match="outside the folder"):
        read_cover_file(folder, "school", name)
    settings = Settings(audio=AudioSettings(cover=name))
    with pytest.raises(CoverError, match="outside the folder"):
        cover_of(settings, "school", partial(read_cover_file, folder))


def test_a_picture_in_a_tenants_folder_is_for_that_tenant_alone(tmp_path: Path) -> None:
    (tmp_path / "school").mkdir()
    picture = png(tmp_path / "school" / "cover.png").read_bytes()
    settings, read = Settings(audio=AudioSettings(cover="school/cover.png")), partial(read_cover_file, tmp_path)
    assert cover_of(settings, "school", read) == picture
    assert cover_of(Settings(), "school", read) is None
    with pytest.raises(CoverError, match="not for this tenant"):
        cover_of(settings, "other", read)
