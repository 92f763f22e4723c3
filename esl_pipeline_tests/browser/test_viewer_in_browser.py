"""A published page as a teacher sees it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from esl_pipeline.sandbox.notion import PLAIN_DATA_SOURCE_ID
from esl_pipeline.sandbox.s3 import ANYBODY
from esl_pipeline.sandbox.voices import VOICES
from esl_pipeline.stages.job_record import JobRecord
from esl_pipeline_tests.lessons.lesson_text import lesson_text
from esl_pipeline_tests.sandboxed import Sandboxed

pytestmark = pytest.mark.browser

DURATION = "audio => audio.readyState >= 1 ? audio.duration : null"


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser finds wrong with the page."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("response", lambda answer: found.append(answer.url) if answer.status >= 400 else None)
    return found


@pytest.fixture
def record(sandbox: Sandboxed, examples: list[Path], assignment: str, page: Page) -> JobRecord:
    """The easiest example, published and opened."""
    published = sandbox.publish(examples[0], assignment)
    page.goto(published.page.url or "")
    return published


def test_a_published_page_opens_its_toggles_plays_its_audio_and_shows_its_captions(
    page: Page, complaints: list[str], record: JobRecord
) -> None:
    toggles = page.locator("details.toggle")
    expect(toggles.first).to_be_visible()
    for toggle in toggles.all():
        folds_and_opens(toggle)
    audio = page.locator("audio")
    assert audio.get_attribute("src") == record.audio.url
    duration_s = page.wait_for_function(f"() => ({DURATION})(document.querySelector('audio'))").json_value()
    assert duration_s == pytest.approx(record.audio.duration_s, abs=0.05)
    plays(page)
    captions = page.get_by_role("link", name="Captions")
    answer = page.request.get(captions.get_attribute("href") or "")
    assert answer.text().startswith("WEBVTT")
    assert len(record.audio.segments) == answer.text().count("-->") > 1
    assert complaints == []


def test_the_turn_that_is_heard_is_marked_and_a_click_plays_from_there(
    page: Page, complaints: list[str], record: JobRecord
) -> None:
    cues = page.locator(".cues button")
    expect(cues).to_have_count(len(record.audio.segments))
    expect(page.locator(".cues [aria-current]")).to_have_count(0)
    starts_s = [seconds(time) for time in cues.locator(".time").all_inner_texts()]
    assert starts_s == sorted(starts_s)
    mute(page)
    for number in (2, 0):
        cues.nth(number).click()
        expect(cues.nth(number)).to_have_attribute("aria-current", "true")
        expect(page.locator(".cues [aria-current]")).to_have_count(1)
        page.wait_for_function("() => !document.querySelector('audio').paused")
        assert 0 <= page.evaluate("() => document.querySelector('audio').currentTime") - starts_s[number] < 3
    page.evaluate("() => { document.querySelector('audio').currentTime = 1e6; }")
    expect(cues.last).to_have_attribute("aria-current", "true")
    assert complaints == []


def seconds(clock: str) -> int:
    minutes, rest = clock.split(":")
    return int(minutes) * 60 + int(rest)


def mute(page: Page) -> None:
    page.evaluate("() => { document.querySelector('audio').muted = true; }")


WORDS = """WEBVTT

1
00:00:00.100 --> 00:00:01.100
<v Kim>Where <00:00:00.400>is <00:00:00.700>Anna?</v>

2
00:00:01.200 --> 00:00:01.600
<v Kim>Well?</v>

3
00:00:01.700 --> 00:00:02.400
<v Tom &amp; Jo>At
<00:00:02.000>home.</v>
"""


def test_each_word_is_marked_where_its_time_is_known(page: Page, complaints: list[str], sandbox: Sandboxed) -> None:
    url = captioned_page(sandbox)
    page.goto(url)
    cues = page.locator(".cues button")
    expect(cues).to_have_count(3)
    assert cues.locator(".who").all_inner_texts() == ["Kim", "", "Tom & Jo"]
    assert [cues.nth(n).locator(".said").inner_text() for n in (0, 2)] == ["Where is Anna?", "At\nhome."]
    for at_s, turn, word in ((0.5, 0, "is"), (0.9, 0, "Anna?"), (1.4, 1, None), (2.1, 2, "home."), (0.2, 0, "Where")):
        page.evaluate(f"() => {{ document.querySelector('audio').currentTime = {at_s}; }}")
        expect(cues.nth(turn)).to_have_attribute("aria-current", "true")
        marked = page.locator(".cues .now")
        expect(marked).to_have_text([word] if word else [])
    cues.nth(2).focus()
    mute(page)
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('audio').currentTime >= 1.7")
    for label, path in (("Slow", "w.mp3"), ("Lyrics", "w.vtt")):
        href = page.get_by_role("link", name=label).get_attribute("href") or ""
        assert href.endswith(path)
        assert page.request.get(href).ok
    assert complaints == []


def test_the_links_below_the_player_lead_to_the_files_of_the_track(
    page: Page, sandbox: Sandboxed, assignment: str
) -> None:
    wanted = ("speech.word_captions=true", "audio.slow_track=true", "audio.dictation_track=true")
    record = sandbox.publish(lesson_text(), assignment, overrides=wanted)
    page.goto(record.page.url or "")
    begins = {"Lyrics": "[", "Transcript": "#", "Slow": "ID3", "Dictation": "ID3"}
    for label, begin in begins.items():
        answer = page.request.get(page.get_by_role("link", name=label).get_attribute("href") or "")
        assert answer.body().startswith(begin.encode()), label
    mute(page)
    page.locator(".cues button").nth(1).click()
    expect(page.locator(".cues [aria-current] .now")).to_have_count(1)


def captioned_page(sandbox: Sandboxed) -> str:
    """Makes a page whose audio has captions with the times of words; returns its address."""
    sound = requests.post(
        f"{sandbox.at.elevenlabs_url}/v1/text-to-speech/{VOICES[0].voice_id}?output_format=wav_16000",
        json={"text": "Where is Anna? Well? At home, in the garden."},
        headers={"xi-api-key": "any"},
        timeout=20,
    ).content
    put = {"Authorization": ANYBODY}
    urls = {name: f"{sandbox.at.s3_url}/{sandbox.at.bucket}/{name}" for name in ("w.mp3", "w.vtt")}
    for name, content in (("w.mp3", sound), ("w.vtt", WORDS.encode())):
        requests.put(urls[name], content, headers=put, timeout=20).raise_for_status()
    links = (("Captions", "w.vtt"), ("Slow", "w.mp3"), ("Lyrics", "w.vtt"))
    caption = [{"text": {"content": label, "link": {"url": urls[name]}}} for label, name in links]
    audio = {"type": "audio", "audio": {"type": "external", "external": {"url": urls["w.mp3"]}, "caption": caption}}
    body = {"parent": {"data_source_id": PLAIN_DATA_SOURCE_ID}, "children": [audio]}
    made = sandbox.notion("POST", "pages", body)
    return f"{sandbox.at.viewer_url}/pages/{made['id'].replace('-', '')}"


def folds_and_opens(toggle: Locator) -> None:
    inside = toggle.locator("> .inside")
    expect(inside).to_be_visible()
    toggle.locator("> summary").click(position={"x": 4, "y": 8})
    expect(inside).to_be_hidden()
    toggle.locator("> summary").click(position={"x": 4, "y": 8})
    expect(inside).to_be_visible()


def plays(page: Page) -> None:
    page.evaluate("() => { const audio = document.querySelector('audio'); audio.muted = true; audio.play(); }")
    page.wait_for_function("() => document.querySelector('audio').currentTime > 0.2")


def test_columns_stand_side_by_side_and_tables_have_heads(page: Page, record: JobRecord) -> None:
    columns = [box for column in page.locator(".columns > *").all() if (box := column.bounding_box())]
    assert len(columns) >= 2
    assert len({round(box["y"]) for box in columns}) == 1
    for left, right in pairwise(columns):
        assert left["x"] + left["width"] <= right["x"]
    table = page.locator("table.grid")
    expect(table.locator("th").first).to_be_visible()
    rows = [row.locator("th, td").count() for row in table.locator("tr").all()]
    assert len(rows) > 2
    assert set(rows) == {rows[0]}
    fits = page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    assert fits
