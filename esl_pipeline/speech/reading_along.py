"""Captions that can be read while they are heard: a long paragraph is shown sentence by sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import accumulate, pairwise

from esl_pipeline.speech.captions import Cue
from esl_pipeline.speech.splitting import PauseKind
from esl_pipeline.speech.stretches import sentences

LONGEST_CAPTION = 160
"""Characters of a caption that is shown whole; some three lines."""


def by_sentence(cues: Iterable[Cue]) -> tuple[Cue, ...]:
    """Returns the cues; where one is long and its words are timed, one for each of its sentences instead."""
    return tuple(part for cue in cues for part in _parts(cue))


def _parts(cue: Cue) -> Iterator[Cue]:
    texts = sentences(cue.text)
    places = [0, *accumulate(len(text.split()) for text in texts)]
    if len(cue.text) <= LONGEST_CAPTION or len(texts) == 1 or not cue.timed() or places[-1] != len(cue.words):
        yield cue
        return
    times = [cue.start_s, *(cue.words[place].start_s for place in places[1:-1]), cue.end_s]
    pauses: list[PauseKind] = ["sentence" for _ in texts]
    pauses[-1] = cue.pause_after
    for text, (first, stop), (start_s, end_s), pause in zip(
        texts, pairwise(places), pairwise(times), pauses, strict=True
    ):
        yield replace(cue, text=text, start_s=start_s, end_s=end_s, words=cue.words[first:stop], pause_after=pause)
