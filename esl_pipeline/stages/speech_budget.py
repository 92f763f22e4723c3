"""What speech will cost, and whether quota and budget allow it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.manifests.settings import BudgetSettings
from esl_pipeline.speech import Quota, SegmentRequest, SpeechModel
from esl_pipeline.stores.usage import UsageEntry

ENOUGH_TO_MEASURE = 500
"""Characters bought before their price in credits is trusted more than the price list.

Accounts differ: newer ones are billed by the dollar and show less than one credit per character.
**Source**: response headers seen on a Creator account, August to October 2026.
"""


@dataclass(frozen=True)
class Rates:
    """What a character costs."""

    credits_per_character: float
    usd_per_1000_characters: float

    def credits(self, characters: int) -> int:
        """Returns the vendor's credits, rounded up."""
        return math.ceil(round(characters * self.credits_per_character, 6))

    def usd(self, priced_characters: float) -> float:
        """Returns US dollars."""
        return priced_characters * self.usd_per_1000_characters / 1000


@dataclass(frozen=True)
class Estimate:
    """What the missing segments will cost."""

    segments: int = 0
    characters: int = 0
    credits: int = 0
    usd: float = 0.0


def rates_of(model: SpeechModel, budget: BudgetSettings, bought: Sequence[UsageEntry], engine: str) -> Rates:
    """Returns the rates of a model: credits as they were billed lately, else of the price list."""
    same = [line for line in bought if line.kind == "bought" and (line.engine, line.model) == (engine, model.id)]
    characters, spent = sum(line.characters for line in same), sum(line.credits for line in same)
    measured = spent / characters if characters >= ENOUGH_TO_MEASURE else model.credits_per_character
    price = budget.usd_per_1000_characters
    return Rates(measured, model.usd_per_1000_characters if price is None else price)


def estimate(requests: Sequence[SegmentRequest], rates: Rates) -> Estimate:
    """Returns what the requests will cost, each of them once."""
    return Estimate(
        len(requests),
        sum(request.characters for request in requests),
        sum(rates.credits(request.characters) for request in requests),
        sum(rates.usd(request.priced_characters) for request in requests),
    )


def check_quota(engine: str, quota: Quota | None, needed: Estimate) -> None:
    """Refuses what the account can't pay.

    Raises:
        RejectedError: fewer credits are left than are needed.
    """
    if quota is not None and needed.credits > quota.remaining:
        message = (
            f"The {needed.segments} segments that are missing need about {needed.credits:,} credits, "
            f"and the account has {quota.remaining:,} of {quota.limit:,} left. Nothing was bought."
        )
        fix = "Buy credits, wait until the account's next month, or shorten the study text."
        raise RejectedError(engine, "quota_exceeded", message, fix=fix)


@dataclass(frozen=True)
class _Limit:
    name: str
    unit: str
    limit: float | None
    spent: float
    needed: float

    @property
    def passed(self) -> bool:
        # Money is summed as fractions of a cent, whose last digits mean nothing.
        return self.limit is not None and self.needed > 0 and self.spent + self.needed > self.limit + 1e-9

    def told(self, tenant: str, month: str) -> str:
        spent, needed, limit = (self._amount(amount) for amount in (self.spent, self.needed, self.limit or 0))
        return (
            f"The missing speech needs about {needed}; {tenant} has spent {spent} in {month} (UTC), reservations of "
            f"other runs included, and {self.name} is {limit}."
        )

    def _amount(self, amount: float) -> str:
        return f"${amount:,.4f}" if self.unit == "usd" else f"{amount:,.0f} characters"


def check_budget(
    budget: BudgetSettings, tenant: str, month: str, spent: Sequence[UsageEntry], needed: Sequence[UsageEntry]
) -> tuple[str, ...]:
    """Compares a month's spending and what is to come with the tenant's limits.

    Returns:
        Warnings about soft limits that would be passed.

    Raises:
        RejectedError: a hard limit would be passed.
    """
    hard = [limit for limit in _limits(budget, "hard", spent, needed) if limit.passed]
    if hard:
        names = " or ".join(limit.name for limit in hard)
        message = " ".join(limit.told(tenant, month) for limit in hard) + " Nothing was bought."
        fix = f"Raise {names} in the tenant's file, wait for the next month, or shorten the study text."
        raise RejectedError("budget", "budget_exceeded", message, fix=fix)
    soft = _limits(budget, "soft", spent, needed)
    return tuple(limit.told(tenant, month) for limit in soft if limit.passed)


def _limits(
    budget: BudgetSettings, kind: str, spent: Sequence[UsageEntry], needed: Sequence[UsageEntry]
) -> tuple[_Limit, _Limit]:
    def limit(unit: str) -> _Limit:
        name = f"{unit}_{kind}"
        sums = [float(sum(getattr(line, unit) for line in lines)) for lines in (spent, needed)]
        return _Limit(f"budget.{name}", unit, getattr(budget, name), *sums)

    return limit("characters"), limit("usd")
