"""The links below the player: ours in every form, and what a person wrote there."""

from __future__ import annotations

from typing import Any

import pytest

from esl_pipeline.stages.audio_place import caption, has_own_caption, same_caption
from esl_pipeline.stages.track_files import FileLink, TrackFile, links_of
from esl_pipeline.stores.publication import UploadedFile, UploadPublication

LINKS = (FileLink("Captions", "https://s3/a.vtt"), FileLink("Slow", "https://s3/b.mp3"))


def read(*words: str) -> dict[str, Any]:
    """A caption as the API answers it."""
    return {
        "caption": [{"type": "text", "text": {"content": word, "link": None}, "plain_text": word} for word in words]
    }


def answered(links: tuple[FileLink, ...], suffix: str = "") -> dict[str, Any]:
    runs = caption(links)
    for run in runs:
        run["plain_text"] = run["text"]["content"]
        if "link" in run["text"]:
            run["text"]["link"]["url"] += suffix
        else:
            run["text"]["link"] = None
    return {"caption": runs}


@pytest.mark.parametrize(
    "words", [(), ("Captions",), ("Captions", " · ", "Lyrics"), ("Captions · Slow",), ("Dictation",), ("",)]
)
def test_links_of_ours_are_no_persons_caption_whichever_there_were(words: tuple[str, ...]) -> None:
    assert not has_own_caption(read(*words))


@pytest.mark.parametrize(
    "words", [("Listen twice!",), ("Captions", " · ", "my notes"), ("Captions, Lyrics",), ("captions",), (" ",)]
)
def test_whatever_else_stands_there_is_a_persons(words: tuple[str, ...]) -> None:
    assert has_own_caption(read(*words))


def test_the_same_links_are_known_again_however_they_are_signed() -> None:
    assert same_caption(answered(LINKS), LINKS)
    assert same_caption(answered(LINKS, "?X-Amz-Signature=1"), LINKS)
    assert same_caption({}, ())


@pytest.mark.parametrize(
    "others",
    [
        (),
        LINKS[:1],
        LINKS[::-1],
        (*LINKS, FileLink("Dictation", "https://s3/c.mp3")),
        (LINKS[0], FileLink("Slow", "https://s3/other.mp3")),
        (LINKS[0], FileLink("Dictation", "https://s3/b.mp3")),
    ],
)
def test_other_links_are_told_from_these(others: tuple[FileLink, ...]) -> None:
    assert not same_caption(answered(LINKS), others)


def test_uploads_are_linked_in_one_order_and_further_captions_are_not() -> None:
    kinds = ("dictation", "slow_captions", "transcript", "slow", "lyrics", "dictation_captions")
    upload = UploadPublication(
        audio_sha256="",
        bucket="b",
        key="k",
        url="https://s3/k",
        captions_key="c",
        captions_url="https://s3/c",
        files=[UploadedFile(kind=kind, key=kind, url=f"https://s3/{kind}") for kind in kinds],
    )
    assert [link.label for link in links_of(upload)] == ["Captions", "Lyrics", "Transcript", "Slow", "Dictation"]
    assert [link.url for link in links_of(upload)][3:] == ["https://s3/slow", "https://s3/dictation"]


@pytest.mark.parametrize(
    ("file", "name"),
    [
        (TrackFile("track", "", ".mp3"), "homework-the-last-evening.mp3"),
        (TrackFile("captions", "", ".vtt"), "homework-the-last-evening.vtt"),
        (TrackFile("lyrics", "", ".lrc"), "homework-the-last-evening.lrc"),
        (TrackFile("slow", "", ".mp3"), "homework-the-last-evening-slow.mp3"),
        (TrackFile("dictation_captions", "", ".vtt"), "homework-the-last-evening-dictation.vtt"),
    ],
)
def test_files_are_saved_under_the_lessons_title(file: TrackFile, name: str) -> None:
    assert file.filename("Homework: The Last Evening") == name
