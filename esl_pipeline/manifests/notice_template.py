"""The words of a notice, which a tenant may choose."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from string import Template

FIELDS = (
    "tenant",
    "assignment",
    "job",
    "stage",
    "kind",
    "message",
    "fix",
    "vendor",
    "code",
    "status",
    "request_id",
    "run_id",
    "run_url",
    "at",
    "count",
)
"""What may stand in a template after ``$``; ``$$`` is a dollar sign."""

LONGEST = 2000
PATTERN = rf"^([^$]|\$\$|\$({'|'.join(FIELDS)})\b|\$\{{({'|'.join(FIELDS)})\}})+$"
ALLOWED = f"text of at most {LONGEST:,} characters whose fields are of ${', $'.join(FIELDS)}; $$ is a dollar sign"

DEFAULT = """\
${tenant}/${assignment}: ${stage} failed.
$message
What to do: $fix
Vendor: $vendor
Code: $code
Request: $request_id
Happened $count times since it was last told.
The run: $run_url
"""

_FIELD = re.compile(r"\$(?:\{([a-z_]+)\}|([a-z_]+))")


def fill(template: str, fields: Mapping[str, str]) -> str:
    """Returns the text of a notice; a line none of whose fields has a value is left out.

    Args:
        template: one that matches ``PATTERN``.
        fields: a text for each of ``FIELDS``, empty where there is none.
    """
    return "\n".join(_lines(template, fields)).strip()


def _lines(template: str, fields: Mapping[str, str]) -> Iterator[str]:
    for line in template.splitlines():
        named = ["".join(found) for found in _FIELD.findall(line.replace("$$", ""))]
        if not named or any(fields[name] for name in named):
            yield Template(line).substitute(fields)
