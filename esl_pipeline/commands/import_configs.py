"""``esl import-configs``: the predecessor's configuration folder as a tenant file."""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

from esl_pipeline.commands.output import DONE, REJECTED, Output
from esl_pipeline.lessons import has_errors
from esl_pipeline.manifests import read_tenant_file
from esl_pipeline.manifests.predecessor_configs import STUDENTS, VOICES, read_configs
from esl_pipeline.stages.asking import read_text
from esl_pipeline.stages.create_pipeline import create_pipeline
from esl_pipeline.stages.tenant_settings import in_order, named_problems, settings_in

FILE = "tenant.yaml"
"""Stands for what is written to stdout, in its problems."""


def import_configs(folder: Path) -> int:
    """Writes the tenant file to stdout, and to stderr what was left behind and what is wrong with it."""
    paths = [folder / VOICES, *sorted((folder / STUDENTS).glob("*.json"))]
    found = {path.relative_to(folder).as_posix(): read_text(path) for path in paths if path.is_file()}
    output = Output(as_json=True)  # people read stderr, whatever stdout is
    if not found:
        output.failure(f"There is neither {VOICES} nor {STUDENTS}/*.json in {folder}.")
        return REJECTED
    taken = read_configs(found)
    text = yaml.safe_dump(taken.document, allow_unicode=True, sort_keys=False)
    sys.stdout.write(text)
    for note in taken.notes:
        output.people.print(note, markup=False)
    file, problems = read_tenant_file(text, file=FILE)
    providers = create_pipeline().providers
    readings = [settings_in(providers, file, name) for name in ("", *(file.students if file else ()))]
    of_settings = [(*one.problems, *named_problems(providers, one.resolved)) for one in readings]
    problems = in_order((*problems, *(problem for each in of_settings for problem in each)))
    output.problems(problems, FILE)
    return REJECTED if has_errors(problems) else DONE
