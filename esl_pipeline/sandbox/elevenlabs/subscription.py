"""The account's plan as the vendor tells it."""

from __future__ import annotations

from typing import Any


def subscription_json(used: int, limit: int, voices: int) -> dict[str, Any]:
    """Returns the answer of ``GET /v1/user/subscription``: a plan whose credits never come back by themselves."""
    return {
        "tier": "pro",
        "status": "active",
        "character_count": used,
        "character_limit": limit,
        "max_character_limit_extension": 0,
        "max_credit_limit_extension": 0,
        "can_extend_character_limit": False,
        "allowed_to_extend_character_limit": False,
        "next_character_count_reset_unix": None,
        "voice_slots_used": voices,
        "professional_voice_slots_used": 0,
        "professional_voice_slots_used_in_workspace": 0,
        "voice_limit": 160,
        "voice_add_edit_counter": 0,
        "professional_voice_limit": 0,
        "can_extend_voice_limit": False,
        "can_use_instant_voice_cloning": False,
        "can_use_professional_voice_cloning": False,
        "current_overage": {"amount": "0", "currency": "usd"},
        "open_invoices": [],
        "has_open_invoices": False,
    }
