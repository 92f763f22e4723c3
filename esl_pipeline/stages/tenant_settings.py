"""A tenant's settings where no lesson is at hand."""

from __future__ import annotations

from collections.abc import Sequence

from esl_pipeline.lessons import has_errors
from esl_pipeline.manifests import AskingError, Layer, check_slug, parse_assignments, resolve
from esl_pipeline.manifests.settings import Settings
from esl_pipeline.stages.pipeline import Providers


def tenant_settings(providers: Providers, tenant: str, overrides: Sequence[str] = ()) -> Settings:
    """Returns the settings that hold for all of a tenant's assignments.

    Args:
        providers: of the pipeline.
        tenant: a slug.
        overrides: settings of this call as ``key=value``, the last layer.

    Raises:
        SlugError: the tenant is no slug.
        AskingError: a layer has errors.
    """
    file, tenant_problems = providers.tenant_file(check_slug(tenant, "tenant"))
    values, override_problems = parse_assignments(overrides)
    layers = [providers.environment_layer, *(file.layers("") if file else ())]
    resolved = resolve([*layers, Layer("run config", "run config", values)])
    problems = (*tenant_problems, *override_problems, *resolved.problems)
    if has_errors(problems):
        raise AskingError(problems)
    return resolved.settings
