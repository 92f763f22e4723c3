"""The error of a request that could not be read."""

from __future__ import annotations

from esl_pipeline.lessons.problems import Problem


class AskingError(Exception):
    """A manifest or lesson could not be read; ``problems`` say why, one or more."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems
