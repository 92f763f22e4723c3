"""``esl import-manifest`` and ``esl pages adopt``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import click

from esl_pipeline.commands.actor import shell_actor
from esl_pipeline.commands.output import DONE, EXIT_CODES, REJECTED, Output
from esl_pipeline.manifests import parse_partition_key, partition_key, slug_of_name
from esl_pipeline.manifests.notion_ids import page_id
from esl_pipeline.manifests.predecessor import SUFFIX, read_predecessor
from esl_pipeline.stages.adopt_page import Adoption, AdoptionAnswer, adopt_page
from esl_pipeline.stages.asking import read_text
from esl_pipeline.stages.create_pipeline import create_pipeline
from esl_pipeline.stages.run_stage import describe_failure, failure_kind


def import_manifest(
    file: Path, *, tenant: str, assignment: str | None, overrides: Sequence[str], dry_run: bool, output: Output
) -> int:
    """Takes over the page that a manifest of the predecessor names."""

    def wanted() -> Adoption:
        found = read_predecessor(read_text(file), file=file.name)
        return Adoption(found.page_id, found.audio_url, by_predecessor=True)

    key = partition_key(tenant, assignment or slug_of_name(file.name.removesuffix(SUFFIX), "--assignment"))
    return _adopt(key, wanted, overrides, output, dry_run=dry_run)


def adopt(key: str, *, page: str, overrides: Sequence[str], dry_run: bool, output: Output) -> int:
    """Takes over a page by its id or address."""
    try:
        adoption = Adoption(page_id(page))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--page") from error
    return _adopt(key, lambda: adoption, overrides, output, dry_run=dry_run)


def _adopt(key: str, wanted: Callable[[], Adoption], overrides: Sequence[str], output: Output, *, dry_run: bool) -> int:
    tenant, assignment = parse_partition_key(key)
    try:
        pipeline, who = create_pipeline(), shell_actor()
        answer = adopt_page(pipeline, tenant, assignment, wanted(), overrides=overrides, dry_run=dry_run, actor=who)
    except Exception as error:
        kind = failure_kind(error)
        if kind == "failed":
            raise
        answer = AdoptionAnswer(assignment=key, status=kind, reason=str(error), error=describe_failure(error))
        output.failure(answer.reason)
        output.answer(answer)
        return EXIT_CODES.get(kind, REJECTED)
    output.people.print(f"{key} {answer.status}: {answer.reason}", markup=False)
    output.people.print(answer.page.url, markup=False)
    if answer.status == "adopted":
        output.people.print(f"Now: esl publish LESSON --tenant {tenant} --assignment {assignment}", markup=False)
    output.answer(answer)
    return DONE
