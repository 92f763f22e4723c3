"""What asks for an assignment, and the settings of a run: read, checked and put together."""

from esl_pipeline.manifests.errors import AskingError
from esl_pipeline.manifests.manifest import Manifest, ManifestReading, read_manifest
from esl_pipeline.manifests.resolve import Layer, Origin, ResolvedSettings, resolve
from esl_pipeline.manifests.run_config import parse_assignments
from esl_pipeline.manifests.tenant_file import TenantFile, read_tenant_file
from esl_pipeline.manifests.variables import environment_layer
from esl_pipeline.slugs import (
    SlugError,
    check_slug,
    parse_partition_key,
    partition_key,
    slug_of_name,
    suggest_slug,
)

__all__ = [
    "AskingError",
    "Layer",
    "Manifest",
    "ManifestReading",
    "Origin",
    "ResolvedSettings",
    "SlugError",
    "TenantFile",
    "check_slug",
    "environment_layer",
    "parse_assignments",
    "parse_partition_key",
    "partition_key",
    "read_manifest",
    "read_tenant_file",
    "resolve",
    "slug_of_name",
    "suggest_slug",
]
