from __future__ import annotations

import pytest

from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.manifests.settings import BudgetSettings
from esl_pipeline.speech import Quota, SegmentRequest, SpeechModel, SpokenInput, Voice
from esl_pipeline.stages.speech_budget import Estimate, check_budget, check_quota, estimate, rates_of
from esl_pipeline_tests.stores.journal_child import entry

MODEL = SpeechModel("m", credits_per_character=1.0, usd_per_1000_characters=0.08)
ENGINE = "elevenlabs"


def test_without_purchases_the_price_list_counts() -> None:
    rates = rates_of(MODEL, BudgetSettings(), [], ENGINE)
    assert (rates.credits(1000), rates.usd(1000)) == (1000, 0.08)


def test_a_dearer_voice_costs_as_many_times_more_money() -> None:
    dear, usual = Voice("d", "Dear", rate=2.5), Voice("u", "Usual")
    lines = tuple(SpokenInput(voice.name, voice, "x" * 1000, "x" * 1000) for voice in (dear, usual))
    request = SegmentRequest(ENGINE, "here", "m", lines)
    needed = estimate([request], rates_of(MODEL, BudgetSettings(), [], ENGINE))
    assert needed.characters == 2000
    assert needed.usd == pytest.approx(0.28)


def test_credits_are_expected_as_they_were_billed_lately() -> None:
    bought = [entry(characters=300, credits=132) for _ in range(2)]
    assert rates_of(MODEL, BudgetSettings(), bought, ENGINE).credits(1000) == 440
    others = [entry(characters=300, credits=1, model="other"), entry("reserved", characters=900, credits=1)]
    assert rates_of(MODEL, BudgetSettings(), [*bought, *others], ENGINE).credits(1000) == 440


def test_a_few_characters_prove_no_price() -> None:
    assert rates_of(MODEL, BudgetSettings(), [entry(characters=499, credits=1)], ENGINE).credits(1000) == 1000


@pytest.mark.parametrize("price", [0.0, 0.3])
def test_the_tenants_own_price_comes_before_the_list_also_where_it_is_nothing(price: float) -> None:
    budget = BudgetSettings(usd_per_1000_characters=price)
    assert rates_of(MODEL, budget, [], ENGINE).usd(1000) == price


def test_a_quota_that_is_just_enough_is_enough() -> None:
    needed = Estimate(segments=2, characters=100, credits=100, usd=0.008)
    check_quota(ENGINE, Quota(100, 1000), needed)
    check_quota(ENGINE, None, needed)
    with pytest.raises(RejectedError, match="99 of 1,000 left"):
        check_quota(ENGINE, Quota(99, 1000), needed)


def test_a_budget_may_be_used_up_to_the_last_character_and_cent() -> None:
    spent, needed = [entry(characters=90, usd=0.1)], [entry("reserved", characters=10, usd=0.2)]
    assert check_budget(BudgetSettings(characters_hard=100, usd_hard=0.3), "school", "2026-11", spent, needed) == ()


def test_both_limits_are_told_at_once_with_the_settings_to_raise() -> None:
    budget = BudgetSettings(characters_hard=99, usd_hard=0.29)
    spent, needed = [entry(characters=90, usd=0.1)], [entry("reserved", characters=10, usd=0.2)]
    with pytest.raises(RejectedError) as caught:
        check_budget(budget, "school", "2026-11", spent, needed)
    assert "school has spent 90 characters in 2026-11" in caught.value.message
    assert "school has spent $0.1000 in 2026-11" in caught.value.message
    assert "budget.characters_hard or budget.usd_hard" in caught.value.fix


def test_what_costs_nothing_passes_no_limit_of_money_also_where_too_much_was_spent() -> None:
    spent, needed = [entry(characters=90, usd=9.0)], [entry("reserved", characters=10, usd=0.0)]
    assert check_budget(BudgetSettings(usd_hard=5, usd_soft=4), "school", "2026-11", spent, needed) == ()


def test_soft_limits_are_only_told() -> None:
    budget = BudgetSettings(characters_soft=99, usd_soft=10)
    spent, needed = [entry(characters=90)], [entry("reserved", characters=10)]
    (told,) = check_budget(budget, "school", "2026-11", spent, needed)
    assert "budget.characters_soft is 99 characters" in told
