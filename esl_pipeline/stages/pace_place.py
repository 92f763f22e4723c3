"""Opens the pace that an installation's processes share."""

from __future__ import annotations

from contextlib import suppress

from esl_pipeline.clients.pace import EnduringPace, MemoryRecords, Pace, Records, SharedPace
from esl_pipeline.stages.environment import Environment
from esl_pipeline.stores.addresses import AddressError, engine_of
from esl_pipeline.stores.documents import StoreUnavailableError
from esl_pipeline.stores.machine_records import MachineRecords

DAGSTER_POSTGRES = "ESL_DAGSTER_POSTGRES_URL"
OUTAGES = (StoreUnavailableError,)


def open_pace(environment: Environment) -> Pace:
    """Returns the pace; nothing is opened yet.

    It is kept where all who work together meet: in the Postgres of ESL_STATE; where that is a bucket, in that of
    Dagster itself; else in a file, of this machine alone.
    """
    return EnduringPace(SharedPace(_records(environment), OUTAGES), SharedPace(MemoryRecords()), OUTAGES)


def _records(environment: Environment) -> Records:
    address = environment.state_address
    if address.startswith("s3://"):
        address = environment.variables.get(DAGSTER_POSTGRES, "")
    if address:
        # One that is no address is refused where the state itself is opened, with words for people.
        with suppress(AddressError):
            from esl_pipeline.stores.postgres import PostgresRecords

            return PostgresRecords(engine_of(address), f"{environment.target}/")
    return MachineRecords(environment.home / environment.target / "pace")
