from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esl_pipeline.lessons.model import SpeakerProfile
from esl_pipeline.manifests.settings import SpeechSettings
from esl_pipeline.speech import Casting, Voice, cast, voices_from_catalogue
from esl_pipeline.speech.names import guess_gender

PROFILES = (
    SpeakerProfile("Leila", "student", "female", "young", "american", "social"),
    SpeakerProfile("Martin", "student", "male", "young", "american", "thoughtful"),
    SpeakerProfile("Chloe", "student", "female", "young", "british", "creative"),
    SpeakerProfile("Pablo", "student", "male", "young", "american", "practical"),
)
ANNA = Voice("a", "Anna - Warm and Clear", gender="female", use_case="conversational")
BEN = Voice("b", "Ben", gender="male", use_case="conversational")
CLEO = Voice("c", "Cleo", gender="female", use_case="narration")
THREE = (ANNA, BEN, CLEO)
DEFAULTS = SpeechSettings()


@pytest.fixture(scope="module")
def catalogue(shared: Path) -> tuple[Voice, ...]:
    """The predecessor's shipped voices."""
    return voices_from_catalogue(json.loads((shared / "recorded" / "predecessor-voices.json").read_text())["voices"])


def names(casting: Casting) -> dict[str, tuple[str, int | None]]:
    assert not casting.problems
    return {speaker: (given.voice.name, given.score) for speaker, given in casting.voices.items()}


def test_profiles_give_the_predecessors_voices(catalogue: tuple[Voice, ...]) -> None:
    casting = cast(["Leila", "Martin", "Chloe", "Pablo"], PROFILES, DEFAULTS, catalogue)
    assert names(casting) == {
        "Leila": ("Jessica", 111),
        "Martin": ("Will", 103),
        "Chloe": ("Amelia", 83),
        "Pablo": ("Liam", 106),
    }
    assert {given.source for given in casting.voices.values()} == {"auto"}
    assert casting.voices["Leila"].reasons[0] == "gender female +40"


def test_names_alone_give_the_predecessors_voices(catalogue: tuple[Voice, ...]) -> None:
    assert names(cast(["Alex", "Mara"], (), DEFAULTS, catalogue)) == {"Alex": ("Roger", 63), "Mara": ("Jessica", 63)}


def test_a_narrator_gets_the_narrations_voice_and_not_the_neutral_one(catalogue: tuple[Voice, ...]) -> None:
    # The predecessor gave River with 43 points: an unknown name was a third gender there (TTS-D4).
    assert names(cast(["Narrator"], (), DEFAULTS, catalogue)) == {"Narrator": ("Lily", 40)}


def test_one_speaker_alone_narrates(catalogue: tuple[Voice, ...]) -> None:
    assert names(cast(["Xylo"], (), DEFAULTS, catalogue)) == {"Xylo": ("Lily", 40)}


def test_a_wish_for_a_neutral_voice_is_kept(catalogue: tuple[Voice, ...]) -> None:
    profile = SpeakerProfile("Narrator", role="narrator", gender="neutral")
    assert names(cast(["Narrator"], [profile], DEFAULTS, catalogue)) == {"Narrator": ("River", 43)}


def test_a_gender_that_no_voice_has_is_a_neutral_voice_and_then_any(catalogue: tuple[Voice, ...]) -> None:
    profiles = [SpeakerProfile("Kim", gender="child"), SpeakerProfile("Lee", gender="child")]
    casting = cast(["Kim", "Lee"], profiles, DEFAULTS, catalogue)
    assert casting.voices["Kim"].voice.name == "River"
    assert casting.voices["Lee"].voice.gender in ("female", "male")


def test_a_wish_for_a_neutral_voice_is_a_preference_only() -> None:
    voices = (Voice("n", "Nell", gender="neutral"), Voice("u", "Una", use_case="narration"))
    profile = SpeakerProfile("Narrator", role="narrator", gender="neutral")
    assert names(cast(["Narrator"], [profile], DEFAULTS, voices)) == {"Narrator": ("Una", 45)}


def test_a_universal_age_is_no_preference() -> None:
    voice = Voice("v", "Vera", age="young")
    assert cast(["Kim"], [SpeakerProfile("Kim", age="universal")], DEFAULTS, [voice]).voices["Kim"].score == 0
    assert cast(["Kim"], [SpeakerProfile("Kim", age="adult")], DEFAULTS, [voice]).voices["Kim"].score == -5


def test_the_settings_accent_counts_where_a_profile_has_none(catalogue: tuple[Voice, ...]) -> None:
    casting = cast(["Alex", "Mara"], (), SpeechSettings(default_accent="British"), catalogue)
    assert {given.voice.accent for given in casting.voices.values()} == {"british"}


def test_two_speakers_may_be_given_the_same_voice() -> None:
    # The predecessor gave the second another one (TTS-D3).
    profiles = [SpeakerProfile("Kim", voice="Ben"), SpeakerProfile("Lee", voice="b")]
    casting = cast(["Kim", "Lee"], profiles, DEFAULTS, THREE)
    assert [given.voice for given in casting.voices.values()] == [BEN, BEN]
    assert [given.source for given in casting.voices.values()] == ["profile", "profile"]


def test_a_voice_that_a_later_speaker_was_given_is_not_taken_before() -> None:
    casting = cast(["Peter", "Paul"], (), SpeechSettings(voices={"Paul": "Ben"}), THREE)
    assert casting.voices["Paul"].voice == BEN
    assert casting.voices["Peter"].voice != BEN


def test_names_in_settings_and_profiles_are_found_in_any_case() -> None:
    profiles = [SpeakerProfile(" KIM ", voice="CLEO")]
    casting = cast(["Kim", "Lee"], profiles, SpeechSettings(voices={"LEE": "ben", "kim": "Ben"}), THREE)
    assert (casting.voices["Kim"].voice, casting.voices["Lee"].voice) == (CLEO, BEN)
    assert casting.voices["Lee"].source == "voices"


def test_a_name_may_leave_out_the_vendors_description() -> None:
    assert cast(["Kim"], (), SpeechSettings(voices={"Kim": "anna"}), THREE).voices["Kim"].voice == ANNA


def test_the_default_voice_serves_the_first_speaker_without_one() -> None:
    settings = SpeechSettings(voices={"default": "Cleo", "Kim": "Ben"})
    casting = cast(["Kim", "Lee", "Max"], (), settings, THREE)
    assert [given.source for given in casting.voices.values()] == ["voices", "default", "auto"]
    assert casting.voices["Max"].voice == ANNA


def test_the_default_voice_is_not_given_where_somebody_has_it_by_choice() -> None:
    casting = cast(["Lee", "Kim"], (), SpeechSettings(voices={"default": "Cleo", "Kim": "Cleo"}), THREE)
    assert [(given.voice, given.source) for given in casting.voices.values()] == [(ANNA, "auto"), (CLEO, "voices")]


def test_a_speaker_whose_name_is_default_has_that_voice_alone() -> None:
    settings = SpeechSettings(voices={"default": "Zed"})
    assert len(cast(["Default", "Kim"], (), settings, THREE).problems) == 1
    assert len(cast(["Lee", "Kim"], (), settings, THREE).problems) == 1
    casting = cast(["Default", "Kim"], (), SpeechSettings(voices={"default": "Ben"}), THREE)
    assert [given.source for given in casting.voices.values()] == ["voices", "auto"]


def test_more_speakers_than_voices_share_the_voices_evenly() -> None:
    speakers = [f"Speaker {number}" for number in range(7)]
    casting = cast(speakers, (), DEFAULTS, THREE)
    given = [casting.voices[speaker] for speaker in speakers]
    assert [voice.source for voice in given] == ["auto"] * 3 + ["reuse"] * 4
    assert {voice.voice for voice in given[:3]} == {voice.voice for voice in given[3:6]} == set(THREE)


def test_labels_that_never_speak_get_no_voice() -> None:
    casting = cast(["Kim"], [SpeakerProfile("Narrator"), SpeakerProfile("Lee", voice="nobody")], DEFAULTS, THREE)
    assert list(casting.voices) == ["Kim"]
    assert not casting.problems


def test_unknown_voices_are_all_reported_with_names_that_are_near() -> None:
    casting = cast(["Kim", "Lee"], [SpeakerProfile("Kim", voice="Bem")], SpeechSettings(voices={"lee": "Zzz"}), THREE)
    assert not casting.voices
    first, second = casting.problems
    assert "profile of Kim" in first.message
    assert "'Bem'" in first.message
    assert "Ben" in first.fix
    assert "speech.voices.Lee" in second.message
    assert all(voice.name in second.fix for voice in THREE)


def test_a_name_that_two_voices_have_is_reported_with_their_ids() -> None:
    casting = cast(["Kim"], [SpeakerProfile("Kim", voice="ben")], DEFAULTS, (BEN, Voice("b2", "Ben")))
    (problem,) = casting.problems
    assert "Ben (b), Ben (b2)" in problem.message


def test_an_account_without_voices_is_reported() -> None:
    (problem,) = cast(["Kim"], (), DEFAULTS, ()).problems
    assert "no voices" in problem.message
    assert problem.fix


@pytest.mark.parametrize(
    ("name", "gender"),
    [
        ("Anna", "female"),
        ("Chloe", "female"),
        ("Zoë", "female"),
        ("Mrs Baker", "female"),
        ("Waitress", "female"),
        ("Alex", "male"),
        ("Martin", "male"),
        ("Mike", "male"),
        ("George", "male"),
        ("José", "male"),
        ("Mr. Wolfe", "male"),
        ("Dad", "male"),
        ("Narrator", None),
        ("Employee", None),
        ("Xylo", None),
        ("Ольга", None),
        ("", None),
    ],
)
def test_a_name_says_a_gender_or_nothing(name: str, gender: str | None) -> None:
    assert guess_gender(name) == gender


def test_voices_are_read_from_the_vendors_list() -> None:
    entries: list[dict[str, Any]] = [
        {"voice_id": "1", "name": "George - Warm", "category": "Premade", "labels": {"Use Case": "Narration"}},
        {"voice_id": "1", "name": "Again"},
        {"voice_id": "2", "name": "Sam", "labels": None},
        {"name": "No id"},
        {"voice_id": "3", "name": "Kit", "labels": {"gender": "Female", "description": "Calm", "accent": ""}},
    ]
    assert voices_from_catalogue(entries) == (
        Voice("1", "George - Warm", "premade", use_case="narration"),
        Voice("2", "Sam"),
        Voice("3", "Kit", gender="female", descriptive="calm"),
    )


def test_the_predecessors_catalogue_is_read_whole(catalogue: tuple[Voice, ...]) -> None:
    assert len(catalogue) == 30
    assert catalogue[0] == Voice(
        "2EiwWnXFnvU5JabPnv8n", "Clyde", "premade", "male", "american", "middle_aged", "characters_animation", "intense"
    )


PROFILE = st.builds(
    SpeakerProfile,
    st.sampled_from(["Kim", "lee", "Max", "Nobody"]),
    st.sampled_from([None, "narrator", "teacher", "student", "system", "other"]),
    st.sampled_from([None, "female", "male", "neutral", "child"]),
    st.sampled_from([None, "young", "universal", "senior"]),
    st.sampled_from([None, "british"]),
    st.sampled_from([None, "calm", "unheard of"]),
)


@given(
    st.permutations(["Kim", "Lee", "Max"]),
    st.lists(PROFILE, max_size=4),
    st.lists(st.sampled_from(THREE), min_size=3, max_size=3, unique=True),
)
def test_every_speaker_gets_a_voice_of_their_own_and_always_the_same(
    speakers: list[str], profiles: list[SpeakerProfile], voices: list[Voice]
) -> None:
    casting = cast(speakers, profiles, DEFAULTS, voices)
    assert list(casting.voices) == speakers
    assert len({given.voice.id for given in casting.voices.values()}) == 3
    assert casting == cast(speakers, profiles, DEFAULTS, voices)
