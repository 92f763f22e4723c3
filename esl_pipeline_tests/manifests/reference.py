"""The tables of docs/manifest.md; ``python -m esl_pipeline_tests.manifests.reference`` writes them from the code."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from esl_pipeline.manifests.fields import Field, all_fields
from esl_pipeline.manifests.manifest import Manifest
from esl_pipeline.manifests.rules import MEANINGS
from esl_pipeline.manifests.settings import Settings
from esl_pipeline.manifests.tenant_file import TenantDocument
from esl_pipeline.manifests.variables import VARIABLES

PAGE = Path(__file__).parents[2] / "docs" / "manifest.md"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Returns a Markdown table."""
    lines = [list(head), *map(list, rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def settings() -> str:
    """Returns all settings: path, what they take, default, meaning."""
    rows = ((f"`{f.path}`", _takes(f), _default(f), f.meaning) for f in all_fields(Settings))
    return table(("setting", "takes", "default", "means"), rows)


def environment() -> str:
    """Returns all variables that give a setting."""
    return table(("variable", "setting", ""), ((f"`{v.name}`", f"`{v.path}`", v.meaning) for v in VARIABLES))


def rules() -> str:
    """Returns all rules."""
    return table(("rule", "asks that"), ((f"`{rule}`", meaning) for rule, meaning in MEANINGS.items()))


def manifest() -> str:
    """Returns the fields of a manifest."""
    return table(("field", "takes", "means"), ((f"`{f.path}`", _takes(f), f.meaning) for f in all_fields(Manifest)))


def tenant() -> str:
    """Returns the fields of a tenant file."""
    fields = all_fields(TenantDocument)
    return table(("field", "takes", "means"), ((f"`{f.path}`", _takes(f), f.meaning) for f in fields))


def _takes(field: Field) -> str:
    if field.kind != "by key":
        return field.allowed
    return f"{field.allowed} for each of {', '.join(field.keys)}" if field.keys else f"{field.allowed} for each name"


def _default(field: Field) -> str:
    if isinstance(field.default, bool):
        return f"`{str(field.default).lower()}`"
    if isinstance(field.default, dict) and field.default:
        return ", ".join(f"`{key}: {value}`" for key, value in field.default.items())
    return "none" if field.default in (None, "", {}) else f"`{field.default}`"


TABLES: dict[str, Callable[[], str]] = {
    "manifest": manifest,
    "tenant": tenant,
    "settings": settings,
    "environment": environment,
    "rules": rules,
}


def written(page: str) -> str:
    """Returns the page with its tables made anew."""
    for name, make in TABLES.items():
        page = re.sub(
            rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", rf"\g<1>{_literal(make())}\n\g<2>", page, flags=re.S
        )
    return page


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\")


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
