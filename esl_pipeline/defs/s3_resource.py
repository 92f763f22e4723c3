"""S3 as a Dagster resource.

That of dagster-aws would do, but loading it loads all of AWS that Dagster knows, for more than half a second, in every
process that reads the definitions.
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
        import boto3
        from botocore.config import Config

        session = boto3.session.Session(profile_name=self.profile_name or None)
        retries = Config(retries={"max_attempts": self.max_attempts})
        return session.client(
            "s3", endpoint_url=self.endpoint_url or None, region_name=self.region_name or None, config=retries
        )
