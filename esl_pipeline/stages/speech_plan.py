"""What is to be spoken: the requests of the track and of the slow one, and which of them are not stored yet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from esl_pipeline.speech import SegmentRequest, plan_segments
from esl_pipeline.speech.casting import Casting
from esl_pipeline.stages.code_versions import SPEECH_VERSION
from esl_pipeline.stages.speech_work import Sound, SpeechWork

SLOWER_THAN_ASKED = 0.03
"""How much faster than asked for a slow track may be spoken where the model has no slower pace, as a share of the main
track's: enough for the slow track of A1, too little for one that is no slower than the main track."""


def speech_input_sha256(work: SpeechWork) -> str:
    """Returns the hash of all that decides what is spoken and by whom, the account's voices apart."""
    front, audio = work.lesson.front_matter, work.context.settings.audio
    asked = {
        "version": SPEECH_VERSION,
        "turns": [(turn.speaker, turn.paragraphs) for turn in work.lesson.turns],
        "profiles": [repr(profile) for profile in front.speaker_profiles],
        "speech": work.settings.model_dump(mode="json", exclude={"max_concurrent_requests", "catalogue_max_age_h"}),
        "level": front.level,
        "engine": [work.engine.name, work.engine.endpoint, work.model.id],
        "slow": audio.slow_speed if audio.slow_track else None,
    }
    return hashlib.sha256(json.dumps(asked, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True)
class Plan:
    """The requests in playing order, and how long those are that are stored."""

    main: tuple[SegmentRequest, ...]
    slow: tuple[SegmentRequest, ...]
    stored: dict[str, Sound]

    @property
    def requests(self) -> tuple[SegmentRequest, ...]:
        """Each request once."""
        return tuple({request.sha256: request for request in (*self.main, *self.slow)}.values())

    @property
    def missing(self) -> tuple[SegmentRequest, ...]:
        """Those whose audio is not stored, the longest first, so that none is waited for at the end."""
        absent = [request for request in self.requests if request.sha256 not in self.stored]
        return tuple(sorted(absent, key=lambda request: -request.characters))


def plan_speech(work: SpeechWork, casting: Casting) -> Plan:
    """Plans all requests of the lesson with a complete cast."""
    pace = pace_of(work)
    main = _requests(work, casting, pace)
    slow = _requests(work, casting, slow) if (slow := _slow_pace(work, pace)) else ()
    return Plan(main, slow, stored_sounds(work, (*main, *slow)))


def stored_sounds(work: SpeechWork, requests: Iterable[SegmentRequest]) -> dict[str, Sound]:
    """Reads what is stored; what proves damaged counts as missing."""
    found = ((sha256, work.sound(sha256)) for sha256 in {request.sha256 for request in requests})
    return {sha256: sound for sha256, sound in found if sound}


def pace_of(work: SpeechWork) -> float:
    """Returns the pace of the main track: of the settings, else of the lesson's level."""
    asked = work.settings.voice_settings.speed
    return asked or work.settings.pace_of_level(work.lesson.front_matter.level)


def _slow_pace(work: SpeechWork, pace: float) -> float | None:
    """Returns the pace of a slow track that the engine speaks itself; None where the finished track is stretched."""
    audio, model = work.context.settings.audio, work.model
    slow = max(pace * audio.slow_speed, model.speeds[0])
    can = "speed" in model.heeds and slow <= pace * (audio.slow_speed + SLOWER_THAN_ASKED)
    return slow if audio.slow_track and can else None


def _requests(work: SpeechWork, casting: Casting, pace: float) -> tuple[SegmentRequest, ...]:
    voice_settings = work.settings.voice_settings.model_copy(update={"speed": pace})
    return plan_segments(
        work.lesson.turns,
        casting,
        work.settings.model_copy(update={"voice_settings": voice_settings}),
        engine=work.engine.name,
        endpoint=work.engine.endpoint,
        model=work.model,
    )
