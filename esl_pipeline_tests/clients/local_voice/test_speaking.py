"""The local voice: which engine is chosen, and what becomes of odd texts."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from esl_pipeline.clients.local_voice.speaking import Manner, SpeakingError, phrases_and_pauses
from esl_pipeline.clients.local_voice.speaking_engines import PicoEngine, SayEngine, choose_engine

AMERICAN = Manner("american", "female")
BRITISH_MAN = Manner("british", "male", 0.58, 0.93, 0.88)


def seconds(text: str, manner: Manner = AMERICAN) -> float:
    spoken = PicoEngine().speak(text, manner)
    return len(spoken.pcm) / 2 / spoken.rate_hz


@pytest.mark.parametrize(
    ("platform", "modules", "commands", "engine"),
    [
        ("linux", {"py_nanotts"}, set(), PicoEngine),
        ("win32", {"py_nanotts"}, set(), PicoEngine),
        ("darwin", {"py_nanotts"}, {"say"}, PicoEngine),
        ("darwin", set(), {"say"}, SayEngine),
    ],
)
def test_the_engine_is_the_one_that_the_machine_has(
    platform: str, modules: set[str], commands: set[str], engine: type
) -> None:
    assert isinstance(choose_engine(platform, modules.__contains__, commands.__contains__), engine)


@pytest.mark.parametrize(("platform", "commands"), [("linux", {"say"}), ("darwin", set())])
def test_a_machine_without_a_voice_is_told_how_to_get_one(platform: str, commands: set[str]) -> None:
    with pytest.raises(SpeakingError, match="pip install py-nanotts"):
        choose_engine(platform, lambda _: False, commands.__contains__)


@pytest.mark.parametrize("text", ["", "   ", "🙂", "…", "<b></b>", "\x00"])
def test_a_text_without_a_word_gives_a_short_sound(text: str) -> None:
    assert 0 < seconds(text) < 1.5


@pytest.mark.parametrize(
    "text",
    [
        "It's 3:30 p.m. on 21/11/2026, and that's $1,250.75 or 12 % more!",
        'She said “hello”, ‘bye’ and "well" – 🙂👍🏽 – then left…',
        "Crème brûlée, naïve, Łódź, Привет, 你好, مرحبا.",
        "a < b & c > d, <speed level='500'>, </pitch>, \\ / | # @",
        "\x07Bell\x1b[0m and a lone \ud83d surrogate.",
    ],
)
def test_odd_texts_are_spoken(text: str) -> None:
    assert seconds(text) > 1


def test_three_thousand_characters_are_spoken_whole() -> None:
    sentence = "This is the house that Jack built. "
    once, often = seconds(sentence), seconds(sentence * 86)
    assert often == pytest.approx(86 * once, rel=0.25)


def test_commands_of_the_engine_in_a_text_have_no_effect() -> None:
    plain = PicoEngine().speak("Good morning to you.", AMERICAN)
    assert PicoEngine().speak('<speed level="300">Good morning to you.</speed>', AMERICAN) == plain


def test_a_break_is_a_silence_of_at_most_three_seconds() -> None:
    apart = seconds("Wait.", BRITISH_MAN) + seconds("Go.", BRITISH_MAN)
    assert seconds('Wait. <break time="1.5s"/> Go.', BRITISH_MAN) == pytest.approx(apart + 1.5, abs=0.001)
    assert phrases_and_pauses('a<break time="9s" />b') == ["a", 3.0, "b"]
    assert phrases_and_pauses('<break time="250ms"/>') == [0.25]


def test_the_end_of_a_line_without_a_mark_is_heard() -> None:
    assert phrases_and_pauses("a red apple \nsix eggs!\nmilk") == ["a red apple.\nsix eggs!\nmilk"]


def test_the_same_words_give_the_same_bytes_also_at_the_same_time() -> None:
    engine = PicoEngine()
    with ThreadPoolExecutor(4) as pool:
        spoken = list(pool.map(lambda _: engine.speak("Can you repeat that, please?", BRITISH_MAN), range(6)))
    assert len(set(spoken)) == 1


def test_formants_leave_pace_and_length_alone() -> None:
    text = "The quick brown fox jumps over the lazy dog."
    assert seconds(text, Manner("american", "male", 0.7, 1.0, 0.88)) == pytest.approx(seconds(text), rel=0.06)


def test_an_engine_that_crashes_is_a_clear_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "utter.py"
    broken.write_text("import sys; sys.stdin.read(); sys.exit('no lingware')")
    monkeypatch.setattr("esl_pipeline.clients.local_voice.speaking_engines.UTTER", broken)
    with pytest.raises(SpeakingError, match="The local voice failed: no lingware"):
        PicoEngine().speak("Hello.", AMERICAN)


SAY = """#!{python}
import sys, wave
args = sys.argv[1:]
if args == ["-v", "?"]:
    print("Daniel              en_GB    # Hello! My name is Daniel.")
    print("Reed (English (US)) en_US    # Hello! My name is Reed.")
    sys.exit()
text = sys.stdin.read()
open({log!r}, "a").write(repr((args, text)) + "\\n")
with wave.open(args[args.index("-o") + 1], "wb") as file:
    file.setparams((1, 2, 22050, 0, "NONE", ""))
    file.writeframes(bytes(2 * 22050))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="writes a script that the system runs by its first line")
def test_macos_speaks_with_an_installed_voice_of_the_accent_and_gender(tmp_path: Path) -> None:
    say, log = tmp_path / "say", tmp_path / "log"
    say.write_text(SAY.format(python=sys.executable, log=str(log)))
    say.chmod(0o755)
    engine = SayEngine(str(say))
    spoken = engine.speak("Well done.", BRITISH_MAN)
    assert (len(spoken.pcm), spoken.rate_hz) == (2 * 22050, round(22050 * 0.88))
    assert "'-v', 'Daniel', '-r', '185'" in log.read_text()
    assert "'Well done.'" in log.read_text()
    assert engine.speak("", AMERICAN).pcm == bytes(2 * round(22050 / 4))
    engine.speak("Hi.", Manner("american", "male"))
    assert "'Reed (English (US))'" in log.read_text()
    engine.speak("Hello.", AMERICAN)
    assert "(['-r', '175'" in log.read_text()
