"""What is asked of an engine, segment by segment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from esl_pipeline.lessons.model import Turn
from esl_pipeline.manifests.settings import SpeechSettings, VoiceSettings
from esl_pipeline.speech.casting import Casting
from esl_pipeline.speech.cleaning import flowing
from esl_pipeline.speech.dialogue import HEEDED, dialogues
from esl_pipeline.speech.models import SpeechModel
from esl_pipeline.speech.request import SegmentRequest, SpokenInput
from esl_pipeline.speech.splitting import PauseKind, Piece, split_turn, whole_turn
from esl_pipeline.speech.wording import wording

__all__ = ["CONTEXT_CHARACTERS", "PauseKind", "SegmentRequest", "SpokenInput", "plan_segments"]

CONTEXT_CHARACTERS = 200
"""How much of the text before and behind goes with a request, for the melody of the sentence."""


def plan_segments(
    turns: Sequence[Turn],
    casting: Casting,
    settings: SpeechSettings,
    *,
    engine: str,
    endpoint: str,
    model: SpeechModel,
    speed: float = 1.0,
) -> tuple[SegmentRequest, ...]:
    """Makes the requests of a study text in playing order; none where nothing is to be said.

    Args:
        turns: in playing order.
        casting: without problems; has a voice for each speaker.
        settings: mode, seed, language, voice settings and pronunciations. A mode that the model does not have (see
            ``mode_problem``) is taken as ``turns``.
        engine: its name.
        endpoint: where it is.
        model: what the chosen model takes.
        speed: pace where the settings name none; the model's own limits hold.
    """
    common = SegmentRequest(
        engine,
        endpoint,
        model.id,
        (),
        _options(settings.voice_settings, model, speed),
        settings.seed if model.takes_seed else None,
        settings.language_code if model.takes_language_code else None,
        with_timings=settings.word_captions and model.times_characters,
    )
    plan = _Plan(casting, settings, model, common)
    speaks_dialogues = settings.mode == "dialogue" and model.dialogue_characters
    return tuple(plan.dialogues(turns) if speaks_dialogues else plan.one_by_one(turns))


class _Plan:
    """Makes requests; ``common`` is what all of them share."""

    def __init__(self, casting: Casting, settings: SpeechSettings, model: SpeechModel, common: SegmentRequest) -> None:
        self._casting, self._model, self._common = casting, model, common
        self._knows_neighbours = settings.context == "neighbours"
        self._say = wording(settings, model)

    def one_by_one(self, turns: Sequence[Turn]) -> Iterator[SegmentRequest]:
        spoken = map(self._in_pieces, turns)
        for known in [chain.from_iterable(spoken)] if self._knows_neighbours else spoken:
            yield from self._requests([*known])

    def dialogues(self, turns: Sequence[Turn]) -> Iterator[SegmentRequest]:
        """Asks for several turns at once; one that stands alone is no dialogue."""
        spoken = [(turn, whole) for turn in turns for whole in self._whole(turn)]
        common = self._common
        options = {name: value for name, value in common.options.items() if name in HEEDED}
        # Without timings the turns would have to be found by the pauses between them.
        common = replace(common, options=options, with_timings=self._model.times_characters)
        for group in dialogues([whole for _, whole in spoken], self._model):
            if len(group) == 1:
                yield from self._requests(self._in_pieces(spoken[group[0]][0]))
            else:
                yield replace(common, inputs=tuple(spoken[number][1] for number in group))

    def _in_pieces(self, turn: Turn) -> list[SpokenInput]:
        pieces = split_turn([*map(flowing, turn.paragraphs)], self._model, self._say)
        return [self._input(turn, piece) for piece in pieces]

    def _whole(self, turn: Turn) -> Iterator[SpokenInput]:
        piece = whole_turn([*map(flowing, turn.paragraphs)], self._say)
        if piece:
            yield self._input(turn, piece)

    def _input(self, turn: Turn, piece: Piece) -> SpokenInput:
        voice = self._casting.voices[turn.speaker].voice
        return SpokenInput(turn.speaker, voice, piece.text, piece.written, piece.pause_after)

    def _requests(self, pieces: Sequence[SpokenInput]) -> Iterator[SegmentRequest]:
        """Asks for each piece by itself, telling of those before and behind where the model listens."""
        texts = ["", *(piece.text for piece in pieces), ""] if self._model.takes_context else [""] * (len(pieces) + 2)
        for number, piece in enumerate(pieces):
            before, behind = texts[number][-CONTEXT_CHARACTERS:], texts[number + 2][:CONTEXT_CHARACTERS]
            yield replace(self._common, inputs=(piece,), previous_text=before, next_text=behind)


def _options(asked: VoiceSettings, model: SpeechModel, speed: float) -> dict[str, Any]:
    """Returns every setting that the model heeds: one left out would be the API's default, not the voice's own."""
    slowest, fastest = model.speeds
    pace = min(max(asked.speed or speed, slowest), fastest)
    options = asked.model_dump() | {"speed": pace}
    if model.stability_steps:
        options["stability"] = round(asked.stability * 2) / 2
    return {name: value for name, value in options.items() if name in model.heeds}
