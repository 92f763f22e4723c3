"""What a player shows of a track: tags, cover, chapters."""

from __future__ import annotations

import io

import av
import pytest
from av.stream import Disposition

from esl_pipeline.audio import MAX_COVER_BYTES, CoverError, Track, make_track, read_cover, track_tags
from esl_pipeline.speech.segments import PauseKind
from esl_pipeline_tests.audio.pictures import picture
from esl_pipeline_tests.audio.sounds import SETTINGS, babble, content, heard, kept, segment


def labelled(cover: bytes | None = None, year: int | None = 2026) -> Track:
    tags = track_tags(title=" At the\ncafé ", artist="B1 Course", album="Zoë's lessons", language="de-AT", year=year)
    return kept(make_track([segment(babble(0.5))], SETTINGS, tags=tags, cover=cover))


@pytest.mark.parametrize("cover", [None, picture("png")])
def test_tags_are_read_back(cover: bytes | None) -> None:
    with av.open(labelled(cover).mp3, "r") as container:
        shown = {name: container.metadata.get(name) for name in ("title", "artist", "album", "language", "date")}
    assert shown == {
        "title": "At the café",
        "artist": "B1 Course",
        "album": "Zoë's lessons",
        "language": "deu",
        "date": "2026",
    }


def test_a_year_that_is_not_known_is_left_out() -> None:
    with av.open(labelled(year=None).mp3, "r") as container:
        assert "date" not in container.metadata


@pytest.mark.parametrize("codec", ["mjpeg", "png"])
def test_the_cover_is_in_the_file_as_it_was_given(codec: str) -> None:
    cover = picture(codec)
    made = labelled(cover)
    assert cover in content(made)
    assert content(made) == content(labelled(cover))
    assert heard(made.mp3)[0].size == made.samples
    with av.open(io.BytesIO(content(made)), "r") as container:
        (shown,) = container.streams.video
        assert shown.disposition == Disposition.attached_pic
        assert (shown.codec_context.name, shown.width, shown.height) == (codec, 64, 48)


@pytest.mark.parametrize(
    ("cover", "why"),
    [
        (b"", "neither a JPEG nor a PNG"),
        (b"GIF89a" + b"\0" * 50, "neither a JPEG nor a PNG"),
        (b"<svg/>", "neither a JPEG nor a PNG"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "can't be read"),
        (picture("png")[:60], "can't be read"),
        (b"\xff\xd8\xff" + b"\0" * 50, "can't be read"),
        (picture("mjpeg") + b"\0" * MAX_COVER_BYTES, "at most 1,000,000"),
    ],
)
def test_what_is_no_cover_is_refused_before_any_work(cover: bytes, why: str) -> None:
    with pytest.raises(CoverError, match=why):
        read_cover(cover)
    with pytest.raises(CoverError, match=why):
        make_track([], SETTINGS, tags={}, cover=cover)


def test_paragraphs_and_sentences_of_a_turn_share_its_chapter() -> None:
    kinds: tuple[PauseKind, ...] = ("paragraph", "sentence", "turn", "turn", "paragraph", "turn")
    segments = [segment(babble(0.4, seed=n), text=f"Piece {n}", pause_after=kind) for n, kind in enumerate(kinds)]
    made = kept(make_track(segments, SETTINGS, tags={}))
    with av.open(made.mp3, "r") as container:
        chapters = container.chapters()
    assert [chapter["metadata"]["title"] for chapter in chapters] == ["Kim: Piece 0", "Kim: Piece 3", "Kim: Piece 4"]
    starts = [chapter["start"] * float(chapter["time_base"] or 0) for chapter in chapters]
    assert starts == pytest.approx([made.placed[n].start_s for n in (0, 3, 4)], abs=0.001)
