"""S3 as a Dagster resource.

The client is made by dagster-aws, which is loaded when one is needed: it loads all of AWS that Dagster knows, for more
than half a second, which not every process that reads the definitions should pay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg
from pydantic import Field

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class S3Resource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Amazon S3, or a store that speaks as it does; credentials as boto3 finds them."""

    endpoint_url: str = Field(default="", description="Another address. Empty: the environment's, or Amazon's.")
    region_name: str = Field(default="", description="Region. Empty: that of the environment.")
    profile_name: str = Field(default="", description="Profile of the AWS command line. Empty: the default.")
    max_attempts: int = Field(default=5, ge=1, description="Attempts of boto3 at a request.")

    def get_client(self) -> S3Client:
        """Makes a client."""
        from dagster_aws.s3.utils import construct_s3_client

        client: S3Client = construct_s3_client(
            max_attempts=self.max_attempts,
            region_name=self.region_name or None,
            endpoint_url=self.endpoint_url or None,
            profile_name=self.profile_name or None,
        )
        return client
