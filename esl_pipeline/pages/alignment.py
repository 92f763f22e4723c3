"""Which items of one sequence belong to which of another, when neither may be moved."""

from __future__ import annotations

from collections.abc import Callable

Score = Callable[[int, int], float | None]
"""How well item i of the first sequence suits item j of the second; None where they must not be paired."""

Pairs = list[tuple[int, int]]


def align(first: int, second: int, score: Score, *, best: float) -> Pairs:
    """Pairs two sequences in order so that the sum of the scores is highest.

    Args:
        first: length of the first sequence, 0 or more.
        second: length of the second sequence, 0 or more.
        score: asked at most once per pair of positions; above 0.
        best: score that no pair exceeds; pairs at either end that reach it are taken without comparing others.
    """
    start = 0
    while start < min(first, second) and score(start, start) == best:
        start += 1
    end = 0
    while end < min(first, second) - start and score(first - 1 - end, second - 1 - end) == best:
        end += 1
    pairs = [(i, i) for i in range(start)]
    pairs += _align_between((start, first - end), (start, second - end), score)
    pairs += [(first - end + k, second - end + k) for k in range(end)]
    return pairs


def _align_between(rows: tuple[int, int], columns: tuple[int, int], score: Score) -> Pairs:
    height, width = rows[1] - rows[0], columns[1] - columns[0]
    total = [[0.0] * (width + 1) for _ in range(height + 1)]
    paired = [[False] * width for _ in range(height)]
    for i in range(height - 1, -1, -1):
        for j in range(width - 1, -1, -1):
            skipped = max(total[i + 1][j], total[i][j + 1])
            gain = score(rows[0] + i, columns[0] + j)
            taken = total[i + 1][j + 1] + gain if gain else 0.0
            paired[i][j] = taken > skipped
            total[i][j] = max(taken, skipped)
    return _follow(total, paired, rows[0], columns[0])


def _follow(total: list[list[float]], paired: list[list[bool]], row: int, column: int) -> Pairs:
    pairs, i, j = [], 0, 0
    while i < len(paired) and j < len(paired[i]):
        if paired[i][j]:
            pairs.append((row + i, column + j))
            i, j = i + 1, j + 1
        elif total[i + 1][j] >= total[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs


def gaps(pairs: Pairs, first: int, second: int) -> list[tuple[range, range]]:
    """Returns what lies before each pair and after the last, in order: one more than there are pairs."""
    ends = [*pairs, (first, second)]
    starts = [(0, 0), *((i + 1, j + 1) for i, j in pairs)]
    return [(range(a, c), range(b, d)) for (a, b), (c, d) in zip(starts, ends, strict=True)]
