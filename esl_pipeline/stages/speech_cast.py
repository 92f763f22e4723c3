"""Who speaks with which voice, checked against the account before anything is bought."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.speech import ExpiringVoice, KeptVoice, cast, expiring, voices_from_catalogue
from esl_pipeline.speech.casting import Casting
from esl_pipeline.stages.speech_catalogue import Catalogues
from esl_pipeline.stages.speech_work import SpeechWork
from esl_pipeline.stores.publication import SpeechPublication

Json = dict[str, Any]


class Cast:
    """The cast of one run: made from the kept catalogue where that is recent, from the account's own list else.

    Args:
        work: whose speakers they are.
        before: the speech of last time, whose voices are kept where the wishes are the same.

    Raises:
        RejectedError: a speaker has no voice, also by the account's list as it is now.
    """

    def __init__(self, work: SpeechWork, before: SpeechPublication | None) -> None:
        self._work = work
        known = before.cast if before and before.engine == work.engine.name else []
        self._kept = [KeptVoice(one.speaker, one.voice_id, one.source, one.wanted_sha256) for one in known]
        context = work.context
        self._catalogues = Catalogues(work.catalogues, context.tenant, work.engine, context.clock.now)
        recent = self._catalogues.recent(work.settings.catalogue_max_age_h)
        self._is_new = recent is None
        self._voices: Sequence[Json] = recent.voices if recent else self._read_anew()
        self.casting = self._cast()
        if self.casting.problems and not self._is_new:
            self._voices = self._read_anew()
            self.casting = self._cast()
        self._demand()

    def check(self) -> bool:
        """Makes the cast again without the voices that can't be used now; False where all of them can.

        Raises:
            RejectedError: a speaker is left without a voice.
        """
        missing = self._missing()
        if not missing:
            return False
        voices = self._voices if self._is_new else self._read_anew()
        self._voices = [voice for voice in voices if str(voice.get("voice_id")) not in missing]
        self.casting = self._cast()
        self._demand()
        if gone := self._missing():
            named = ", ".join(sorted(cast.voice.name for cast in self.casting.voices.values() if cast.voice.id in gone))
            message = f"The account lists voices that it can't use: {named}."
            raise RejectedError(self._work.engine.name, "voice_not_found", message, fix="Choose other voices.")
        return True

    def expiring(self) -> tuple[ExpiringVoice, ...]:
        """Returns those of the voices that are known to go."""
        today = self._work.context.clock.now().date()
        return expiring((cast.voice for cast in self.casting.voices.values()), today)

    def _missing(self) -> set[str]:
        wanted = list(dict.fromkeys(cast.voice.id for cast in self.casting.voices.values()))
        found = {str(voice.get("voice_id")) for voice in self._work.engine.find_voices(wanted)}
        return set(wanted) - found

    def _read_anew(self) -> Sequence[Json]:
        self._is_new = True
        return self._catalogues.read_anew(keep=not self._work.context.dry_run).voices

    def _cast(self) -> Casting:
        lesson = self._work.lesson
        speakers = tuple(dict.fromkeys(turn.speaker for turn in lesson.turns))
        catalogue = voices_from_catalogue(self._voices)
        return cast(speakers, lesson.front_matter.speaker_profiles, self._work.settings, catalogue, self._kept)

    def _demand(self) -> None:
        if self.casting.problems:
            message = " ".join(f"{problem.message} {problem.fix}".strip() for problem in self.casting.problems)
            raise RejectedError(self._work.engine.name, "unknown_voice", message)
