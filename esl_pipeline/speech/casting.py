"""Who speaks with which voice: the author's choice, else the voice of last time, else the one that fits best."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from esl_pipeline.lessons.model import SpeakerProfile
from esl_pipeline.manifests.settings import SpeechSettings
from esl_pipeline.speech.choosing import CastingProblem, Found, chosen_voice, default_voice, reserved_ids, stand_in
from esl_pipeline.speech.scoring import score
from esl_pipeline.speech.voices import Voice
from esl_pipeline.speech.wishes import Wish, key, wishes

Source = Literal["profile", "voices", "default", "auto", "reuse", "fallback"]

RUNNERS_UP = 3
"""How many of the voices that nearly fitted are told."""


@dataclass(frozen=True, slots=True)
class RunnerUp:
    """A voice that was free too, and its points."""

    voice: Voice
    score: int


@dataclass(frozen=True, slots=True)
class CastVoice:
    """A speaker's voice.

    Attributes:
        source: who chose it: the lesson's profile, the settings, or the casting (``auto``; ``reuse`` where there are
            more speakers than voices; ``fallback`` where the voice that was wanted is gone).
        score: how well it fits, whoever chose it.
        reasons: why this one, and what the points were for.
        wanted_sha256: the hash of the wish that it was cast for.
        runners_up: the next best of those that the casting chose from, best first.
    """

    voice: Voice
    source: Source
    score: int | None = None
    reasons: tuple[str, ...] = ()
    wanted_sha256: str = ""
    runners_up: tuple[RunnerUp, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptVoice:
    """The voice that a speaker had last time; ``wanted_sha256`` is of the wish that it was cast for."""

    speaker: str
    voice_id: str
    source: str
    wanted_sha256: str


@dataclass(frozen=True, slots=True)
class Casting:
    """The voice of each speaker, in order of first speaking; complete where there are no problems."""

    voices: Mapping[str, CastVoice]
    problems: tuple[CastingProblem, ...] = ()


def cast(
    speakers: Sequence[str],
    profiles: Sequence[SpeakerProfile],
    settings: SpeechSettings,
    catalogue: Sequence[Voice],
    kept: Sequence[KeptVoice] = (),
) -> Casting:
    """Gives each speaker a voice; the same arguments give the same voices.

    A voice that a person chose is given as often as it was chosen; the others are given once, in order of speaking. A
    speaker whose wish has not changed keeps the voice of last time while the account has it.

    Args:
        speakers: those who speak, each once, in order of first speaking; one alone is a narrator.
        profiles: of these speakers and perhaps others, found by name in any case.
        settings: voices by speaker's name in any case, the accent preferred, and who stands in for a lost voice.
        catalogue: the account's voices; the earlier one wins where two fit equally well.
        kept: the cast of last time, in any order.
    """
    if not catalogue:
        fix = "Add voices to it under Voices in ElevenLabs, or check that the API key may read voices."
        return Casting({}, (CastingProblem("The account has no voices.", fix),))
    return _Cast(wishes(speakers, profiles, settings), settings, catalogue, kept).fill()


class _Cast:
    """One casting under way.

    Attributes:
        uses: how many speakers have a voice, by its id.
        gone: speakers whose voice of last time the account has no longer.
        notes: why a speaker did not keep that voice.
    """

    def __init__(
        self, wanted: Sequence[Wish], settings: SpeechSettings, catalogue: Sequence[Voice], kept: Sequence[KeptVoice]
    ) -> None:
        self.wishes, self.settings, self.catalogue = wanted, settings, catalogue
        self.by_id = {voice.id: voice for voice in catalogue}
        self.kept = {key(one.speaker): one for one in kept}
        self.reserved = reserved_ids(settings, catalogue)
        self.uses: Counter[str] = Counter()
        self.gone: set[str] = set()
        self.notes: dict[str, str] = {}
        self.voices: dict[str, CastVoice] = {}
        self.problems: list[CastingProblem] = []

    def fill(self) -> Casting:
        """Persons' choices first, since they are given whatever happens; then what is kept; then what is free."""
        for wish in self.wishes:
            if wish.is_choice:
                self._give_choice(wish)
        self._give_kept()
        if waiting := [wish for wish in self._waiting() if wish.default]:
            self._give_default(waiting[0])
        for wish in self._waiting():
            self._give_automatic(wish)
        voices = {wish.speaker: self.voices[wish.speaker] for wish in self.wishes if wish.speaker in self.voices}
        return Casting(voices if not self.problems else {}, tuple(dict.fromkeys(self.problems)))

    def _waiting(self) -> list[Wish]:
        return [wish for wish in self.wishes if not wish.is_choice and wish.speaker not in self.voices]

    def _give_choice(self, wish: Wish) -> None:
        kept, found = self._of_last_time(wish), chosen_voice(wish, self.catalogue)
        source: Source = "profile" if wish.by_profile else "voices"
        if kept and kept.source != "fallback":
            self._keep(wish, kept, source)
        elif found.voice:
            self._give(wish, found.voice, source, (found.reason,))
        elif kept:
            self._keep(wish, kept, "fallback")
        else:
            self._give_stand_in(wish, found)

    def _give_kept(self) -> None:
        """Keeps the voices of last time; one that was shared then is no reason for another speaker to lose it."""
        kept = [(wish, before) for wish in self._waiting() if (before := self._of_last_time(wish))]
        for wish, before in sorted(kept, key=lambda pair: pair[1].source == "reuse"):
            known: tuple[Source, ...] = ("reuse", "default", "fallback")
            source: Source = next((one for one in known if one == before.source), "auto")
            if self.uses[before.voice_id] and source != "reuse":
                self.notes[wish.speaker] = f"{self.by_id[before.voice_id].name} was given to another speaker"
            else:
                self._keep(wish, before, source)

    def _give_default(self, wish: Wish) -> None:
        found = default_voice(wish, self.catalogue)
        if not found.voice:
            self._give_stand_in(wish, found)
        elif not self.uses[found.voice.id]:
            self._give(wish, found.voice, "default", (found.reason,))

    def _give_stand_in(self, wish: Wish, lost: Found) -> None:
        found = stand_in(wish, self.settings, self.catalogue) if lost.is_gone else None
        if found and found.voice:
            self._give(wish, found.voice, "fallback", (lost.reason, found.reason))
        else:
            self.problems += [one.problem for one in (lost, found) if one and one.problem]

    def _give_automatic(self, wish: Wish) -> None:
        found = stand_in(wish, self.settings, self.catalogue) if wish.speaker in self.gone else None
        if found and found.voice and not self.uses[found.voice.id]:
            self._give(wish, found.voice, "fallback", (found.reason,))
            return
        if found and found.problem:
            self.problems.append(found.problem)
        best, *others = sorted(self._free(wish), key=lambda voice: -score(voice, wish.wanted)[0])
        runners_up = tuple(RunnerUp(voice, score(voice, wish.wanted)[0]) for voice in others[:RUNNERS_UP])
        self._give(wish, best, "reuse" if self.uses[best.id] else "auto", (), runners_up)

    def _free(self, wish: Wish) -> Sequence[Voice]:
        """Returns the voices that fewest have, and of these the ones of the gender that the author asks for."""
        own = [v for v in self.catalogue if wish.wanted.role == "narrator" or v.id not in self.reserved]
        pool = own or self.catalogue
        fewest = min(self.uses[voice.id] for voice in pool)
        return _of_gender([voice for voice in pool if self.uses[voice.id] == fewest], wish.gender)

    def _of_last_time(self, wish: Wish) -> KeptVoice | None:
        kept = self.kept.get(key(wish.speaker))
        if not kept or kept.wanted_sha256 != wish.sha256:
            return None
        if kept.voice_id not in self.by_id:
            self.gone.add(wish.speaker)
            self.notes[wish.speaker] = f"the voice of last time, {kept.voice_id}, is no longer in the account"
            return None
        return kept

    def _keep(self, wish: Wish, kept: KeptVoice, source: Source) -> None:
        self._give(wish, self.by_id[kept.voice_id], source, ("kept from last time",))

    def _give(
        self, wish: Wish, voice: Voice, source: Source, why: tuple[str, ...], runners_up: tuple[RunnerUp, ...] = ()
    ) -> None:
        points, reasons = score(voice, wish.wanted)
        note = (self.notes[wish.speaker],) if wish.speaker in self.notes else ()
        self.uses[voice.id] += 1
        self.voices[wish.speaker] = CastVoice(voice, source, points, (*note, *why, *reasons), wish.sha256, runners_up)


def _of_gender(voices: Sequence[Voice], gender: str | None) -> Sequence[Voice]:
    """Returns the voices of a gender that the author asks for, neutral ones where there are none, else all."""
    if not gender or gender == "neutral":
        return voices
    exactly = [voice for voice in voices if voice.gender == gender]
    return exactly or [voice for voice in voices if voice.gender == "neutral"] or voices
