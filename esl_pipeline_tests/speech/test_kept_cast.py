from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esl_pipeline.lessons.model import SpeakerProfile
from esl_pipeline.manifests.settings import SpeechSettings
from esl_pipeline.speech import Casting, KeptVoice, Voice, cast, voices_from_catalogue

ANNA = Voice("a", "Anna - Warm and Clear", gender="female", use_case="conversational")
BEN = Voice("b", "Ben", gender="male", use_case="conversational")
CLEO = Voice("c", "Cleo", gender="female", use_case="narration")
DAN = Voice("d", "Dan", gender="male")
ALL = (ANNA, BEN, CLEO, DAN)
DEFAULTS = SpeechSettings()
STAND_IN = SpeechSettings(fallback_voices={"Student": "Dan"})


def kept(casting: Casting) -> list[KeptVoice]:
    assert not casting.problems
    return [KeptVoice(who, one.voice.id, one.source, one.wanted_sha256) for who, one in casting.voices.items()]


def ids(casting: Casting) -> dict[str, str]:
    assert not casting.problems
    return {speaker: given.voice.id for speaker, given in casting.voices.items()}


def without(*lost: Voice) -> list[Voice]:
    return [voice for voice in ALL if voice not in lost]


def test_a_voice_is_kept_although_a_better_one_came() -> None:
    before = kept(cast(["Emma", "Peter"], (), DEFAULTS, ALL))
    better = Voice("z", "Zoe", gender="female", accent="british", use_case="conversational social")
    assert ids(cast(["Emma", "Peter"], (), DEFAULTS, [better, *ALL])) == {"Emma": "z", "Peter": "b"}
    now = cast(["Emma", "Peter"], (), DEFAULTS, [better, *ALL], before)
    assert ids(now) == {"Emma": "a", "Peter": "b"}
    assert now.voices["Emma"].source == "auto"
    assert now.voices["Emma"].reasons[:2] == ("kept from last time", "gender female +40")


def test_another_order_of_speakers_changes_no_voice() -> None:
    before = cast(["Emma", "Mara", "Peter"], (), DEFAULTS, ALL)
    now = cast(["Peter", "Mara", "Emma"], (), DEFAULTS, ALL, kept(before))
    assert ids(now) == ids(before)
    assert list(now.voices) == ["Peter", "Mara", "Emma"]


def test_a_new_speaker_takes_nobodys_voice() -> None:
    before = cast(["Emma", "Peter"], (), DEFAULTS, ALL)
    now = cast(["Mara", "Emma", "Peter"], (), DEFAULTS, ALL, kept(before))
    assert ids(now) == {"Mara": "c", **ids(before)}


def test_shared_voices_are_kept_for_all_who_share_them() -> None:
    speakers = [f"Speaker {number}" for number in range(9)]
    before = cast(speakers, (), DEFAULTS, ALL)
    assert ids(cast(speakers[::-1], (), DEFAULTS, ALL, kept(before))) == ids(before)


@pytest.mark.parametrize(
    ("profile", "settings"),
    [
        (SpeakerProfile("Emma", gender="male"), DEFAULTS),
        (SpeakerProfile("Emma", role="narrator"), DEFAULTS),
        (SpeakerProfile("Emma", style="calm"), DEFAULTS),
        (SpeakerProfile("Emma", voice="Dan"), DEFAULTS),
        (SpeakerProfile("Emma"), SpeechSettings(voices={"emma": "Dan"})),
        (SpeakerProfile("Emma"), SpeechSettings(voices={"default": "Dan"})),
        (SpeakerProfile("Emma"), SpeechSettings(default_accent="british")),
    ],
)
def test_another_wish_is_cast_anew(profile: SpeakerProfile, settings: SpeechSettings) -> None:
    before = kept(cast(["Emma", "Peter"], [SpeakerProfile("Emma")], DEFAULTS, ALL))
    now = cast(["Emma", "Peter"], [profile], settings, ALL, before)
    assert "kept from last time" not in now.voices["Emma"].reasons
    assert now.voices["Emma"].wanted_sha256 not in {one.wanted_sha256 for one in before}
    assert "kept from last time" in cast(["Emma", "Peter"], [profile], settings, ALL, kept(now)).voices["Emma"].reasons


def test_a_new_wish_takes_nobodys_voice() -> None:
    before = kept(cast(["Emma", "Peter"], (), DEFAULTS, ALL))
    now = cast(["Emma", "Peter"], [SpeakerProfile("Emma", gender="male")], DEFAULTS, ALL, before)
    assert ids(now) == {"Emma": "d", "Peter": "b"}


@pytest.mark.parametrize(
    "settings",
    [
        SpeechSettings(voices={"Peter": "Ben"}),
        SpeechSettings(seed=7, model="eleven_v3"),
        SpeechSettings(fallback_voices={"student": "Anna"}),
    ],
)
def test_what_does_not_concern_a_speaker_leaves_the_voice(settings: SpeechSettings) -> None:
    before = kept(cast(["Emma", "Peter"], (), DEFAULTS, ALL))
    now = cast(["Emma", "Peter"], (), settings, ALL, before)
    assert now.voices["Emma"].reasons[0] == "kept from last time"


def test_a_new_default_leaves_the_voices_that_were_chosen() -> None:
    before = cast(["Emma", "Peter"], (), SpeechSettings(voices={"Emma": "Anna"}), ALL)
    now = cast(["Emma", "Peter"], (), SpeechSettings(voices={"Emma": "Anna", "default": "Dan"}), ALL, kept(before))
    assert now.voices["Emma"].reasons[0] == "kept from last time"
    assert now.voices["Peter"].source == "default"


def test_a_speaker_is_found_in_any_case_of_the_name() -> None:
    wish = cast(["Emma", "Peter"], (), DEFAULTS, ALL).voices["Emma"].wanted_sha256
    now = cast(["Emma", "Peter"], (), DEFAULTS, ALL, [KeptVoice("EMMA", "d", "auto", wish)])
    assert now.voices["Emma"].voice == DAN


def test_a_kept_voice_that_another_was_given_by_choice_is_cast_anew() -> None:
    before = kept(cast(["Emma", "Peter"], (), DEFAULTS, ALL))
    now = cast(["Emma", "Peter"], (), SpeechSettings(voices={"Peter": "Anna"}), ALL, before)
    assert ids(now) == {"Emma": "c", "Peter": "a"}
    assert now.voices["Emma"].reasons[0] == "Anna - Warm and Clear was given to another speaker"


def test_no_fallback_stands_in_for_a_voice_that_is_only_taken() -> None:
    settings = SpeechSettings(voices={"Peter": "Anna"}, fallback_voices={"student": "Dan"})
    before = kept(cast(["Emma", "Peter"], (), SpeechSettings(fallback_voices={"student": "Dan"}), ALL))
    assert cast(["Emma", "Peter"], (), settings, ALL, before).voices["Emma"].source == "auto"


def test_a_chosen_voice_that_others_have_too_is_kept() -> None:
    settings = SpeechSettings(voices={"Emma": "Anna", "Mara": "Anna"})
    before = cast(["Emma", "Mara"], (), settings, ALL)
    now = cast(["Mara", "Emma"], (), settings, ALL, kept(before))
    assert ids(now) == {"Emma": "a", "Mara": "a"}
    assert now.voices["Mara"].source == "voices"


def test_a_chosen_voice_stays_when_another_of_its_name_comes() -> None:
    settings = SpeechSettings(voices={"Emma": "Anna"})
    before = kept(cast(["Emma"], (), settings, ALL))
    more = [Voice("a2", "Anna"), *ALL]
    assert ids(cast(["Emma"], (), settings, more)) == {"Emma": "a2"}
    assert ids(cast(["Emma"], (), settings, more, before)) == {"Emma": "a"}


def test_the_default_voice_is_kept_by_who_had_it() -> None:
    settings = SpeechSettings(voices={"default": "Cleo"})
    before = cast(["Emma", "Peter"], (), settings, ALL)
    now = cast(["Peter", "Emma"], (), settings, ALL, kept(before))
    assert ids(now) == ids(before) == {"Emma": "c", "Peter": "b"}
    assert now.voices["Emma"].source == "default"


def test_a_lost_voice_is_cast_anew_and_the_reasons_say_which() -> None:
    before = kept(cast(["Emma", "Peter"], (), DEFAULTS, ALL))
    now = cast(["Emma", "Peter"], (), DEFAULTS, without(ANNA), before)
    assert ids(now) == {"Emma": "c", "Peter": "b"}
    assert now.voices["Emma"].reasons[0] == "the voice of last time, a, is no longer in the account"
    assert now.voices["Emma"].source == "auto"


def test_the_roles_fallback_stands_in_for_a_lost_voice() -> None:
    before = kept(cast(["Emma", "Peter"], (), STAND_IN, ALL))
    now = cast(["Emma", "Peter"], (), STAND_IN, without(ANNA), before)
    assert ids(now) == {"Emma": "d", "Peter": "b"}
    assert now.voices["Emma"].source == "fallback"
    assert now.voices["Emma"].reasons[:2] == (
        "the voice of last time, a, is no longer in the account",
        "chosen in the setting speech.fallback_voices.student",
    )


def test_a_fallback_stays_when_a_better_voice_comes() -> None:
    before = kept(cast(["Emma", "Peter"], (), STAND_IN, ALL))
    lost = kept(cast(["Emma", "Peter"], (), STAND_IN, without(ANNA), before))
    assert ids(cast(["Emma", "Peter"], (), STAND_IN, ALL, lost))["Emma"] == "d"


def test_one_fallback_is_not_given_to_two_who_were_cast_automatically() -> None:
    before = kept(cast(["Emma", "Peter"], (), STAND_IN, ALL))
    now = cast(["Emma", "Peter"], (), STAND_IN, without(ANNA, BEN), before)
    assert ids(now) == {"Emma": "d", "Peter": "c"}
    assert now.voices["Peter"].source == "auto"


def test_a_chosen_voice_that_is_gone_is_a_problem_without_a_fallback() -> None:
    settings = SpeechSettings(voices={"Emma": "Anna", "Mara": "Cleo"})
    before = kept(cast(["Emma", "Mara", "Peter"], (), settings, ALL))
    now = cast(["Emma", "Mara", "Peter"], (), settings, without(ANNA, CLEO), before)
    assert not now.voices
    assert ["'Anna'" in now.problems[0].message, "'Cleo'" in now.problems[1].message] == [True, True]


def test_a_fallback_stands_in_for_chosen_voices_that_are_gone() -> None:
    settings = SpeechSettings(voices={"Emma": "Anna", "Mara": "Cleo"}, fallback_voices={"student": "d"})
    now = cast(["Emma", "Mara", "Peter"], (), settings, without(ANNA, CLEO))
    assert ids(now) == {"Emma": "d", "Mara": "d", "Peter": "b"}
    assert now.voices["Emma"].reasons[0] == "'Anna' of the setting speech.voices.Emma is not in the account"


def test_a_chosen_voice_is_given_again_when_it_comes_back() -> None:
    settings = SpeechSettings(voices={"Emma": "Anna"}, fallback_voices={"narrator": "Dan"})
    lost = kept(cast(["Emma"], (), settings, without(ANNA)))
    assert [one.source for one in lost] == ["fallback"]
    assert ids(cast(["Emma"], (), SpeechSettings(voices={"Emma": "Anna"}), without(ANNA), lost)) == {"Emma": "d"}
    assert ids(cast(["Emma"], (), settings, ALL, lost)) == {"Emma": "a"}


def test_a_chosen_name_that_may_be_two_voices_is_a_problem_in_spite_of_a_fallback() -> None:
    settings = SpeechSettings(voices={"Emma": "Anna"}, fallback_voices={"narrator": "Dan"})
    now = cast(["Emma"], (), settings, [Voice("a1", "Anna"), Voice("a2", "anna"), DAN])
    assert "a1" in now.problems[0].message


def test_a_fallback_that_is_gone_too_is_told_beside_what_it_was_to_stand_in_for() -> None:
    settings = SpeechSettings(voices={"Emma": "Annie"}, fallback_voices={"narrator": "Nobody"})
    messages = [problem.message for problem in cast(["Emma"], (), settings, ALL).problems]
    assert messages == [
        "The setting speech.voices.Emma asks for the voice 'Annie', which the account does not have.",
        "The setting speech.fallback_voices.narrator asks for the voice 'Nobody', which the account does not have.",
    ]


def test_a_fallback_that_is_gone_is_told_where_an_automatic_voice_is_lost() -> None:
    settings = SpeechSettings(fallback_voices={"student": "Nobody"})
    before = kept(cast(["Emma", "Peter"], (), settings, ALL))
    (problem,) = cast(["Emma", "Peter"], (), settings, without(ANNA, BEN), before).problems
    assert "speech.fallback_voices.student" in problem.message


def test_the_fallback_stands_in_for_the_default_voice_too() -> None:
    settings = SpeechSettings(voices={"default": "Zed"}, fallback_voices={"student": "Cleo"})
    now = cast(["Emma", "Peter"], (), settings, ALL)
    assert now.voices["Emma"].source == "fallback"
    assert ids(now) == {"Emma": "c", "Peter": "b"}


def test_the_narrators_fallback_is_given_to_nobody_else_automatically() -> None:
    # TTS-D4: reserved narrator voices.
    settings = SpeechSettings(fallback_voices={"narrator": "Anna"})
    assert ids(cast(["Emma", "Mara", "Lisa"], (), DEFAULTS, [ANNA, BEN, CLEO]))["Emma"] == "a"
    shared = cast(["Emma", "Mara", "Lisa"], (), settings, [ANNA, BEN, CLEO])
    assert "a" not in ids(shared).values()
    assert [one.source for one in shared.voices.values()] == ["auto", "auto", "reuse"]
    assert ids(cast(["Narrator", "Emma"], (), settings, [ANNA, DAN]))["Narrator"] == "a"
    assert ids(cast(["Emma", "Mara"], (), settings, [ANNA])) == {"Emma": "a", "Mara": "a"}
    chosen = SpeechSettings(fallback_voices={"narrator": "Anna"}, voices={"Emma": "Anna"})
    assert ids(cast(["Emma", "Mara"], (), chosen, ALL))["Emma"] == "a"


def test_a_person_s_choice_says_where_it_was_made_and_how_well_it_fits() -> None:
    profiles = [SpeakerProfile("Emma", voice="Cleo")]
    settings = SpeechSettings(voices={"Peter": "Dan", "default": "Anna"})
    given = cast(["Emma", "Peter", "Lisa"], profiles, settings, ALL).voices
    assert given["Emma"].reasons == ("chosen in the lesson's profile of Emma", "gender female +40")
    assert given["Emma"].score == 40
    assert given["Peter"].reasons[0] == "chosen in the setting speech.voices.Peter"
    assert given["Lisa"].reasons[0] == "chosen in the setting speech.voices.default"
    assert given["Emma"].runners_up == ()


def test_the_next_best_voices_are_told_with_their_points(shared: Path) -> None:
    entries = json.loads((shared / "recorded" / "predecessor-voices.json").read_text())["voices"]
    profile = SpeakerProfile("Leila", "student", "female", "young", "american", "social")
    given = cast(["Leila", "Bob"], [profile], DEFAULTS, voices_from_catalogue(entries)).voices["Leila"]
    assert (given.voice.name, given.score) == ("Jessica", 111)
    scores = [runner_up.score for runner_up in given.runners_up]
    assert len(scores) == 3
    assert scores == sorted(scores, reverse=True)
    assert scores[0] <= 111
    assert {runner_up.voice.gender for runner_up in given.runners_up} == {"female"}


SETTINGS = st.builds(
    SpeechSettings,
    voices=st.dictionaries(
        st.sampled_from(["Emma", "peter", "default"]), st.sampled_from(["Anna", "b", "Zed"]), max_size=2
    ),
    fallback_voices=st.dictionaries(
        st.sampled_from(["student", "narrator"]), st.sampled_from(["Dan", "c", "Nobody"]), max_size=2
    ),
)
SPEAKERS = st.lists(st.sampled_from(["Emma", "Peter", "Mara", "Narrator"]), unique=True, min_size=1)
CATALOGUE = st.lists(st.sampled_from(ALL), min_size=1, unique=True)
BEFORE = st.lists(
    st.builds(
        KeptVoice,
        st.sampled_from(["Emma", "Peter", "Mara"]),
        st.sampled_from(["a", "b", "c", "gone"]),
        st.sampled_from(["auto", "voices", "fallback", "default", "reuse", "voiceMap"]),
        st.just(""),
    ),
    max_size=3,
    unique_by=lambda one: one.speaker,
)


@given(SPEAKERS, SETTINGS, CATALOGUE, BEFORE)
def test_what_was_cast_is_cast_again_and_automatic_voices_are_nobody_elses(
    speakers: list[str], settings: SpeechSettings, catalogue: list[Voice], before: Sequence[KeptVoice]
) -> None:
    wishes = {who: one.wanted_sha256 for who, one in cast(speakers, (), settings, catalogue).voices.items()}
    with_wishes = [KeptVoice(k.speaker, k.voice_id, k.source, wishes.get(k.speaker, "")) for k in before]
    first = cast(speakers, (), settings, catalogue, with_wishes)
    if first.problems:
        assert not first.voices
        return
    assert list(first.voices) == speakers
    assert ids(cast(speakers, (), settings, catalogue, kept(first))) == ids(first)
    others = [given.voice.id for given in first.voices.values() if given.source not in ("reuse", "fallback")]
    assert all(others.count(one.voice.id) == 1 for one in first.voices.values() if one.source == "auto")
