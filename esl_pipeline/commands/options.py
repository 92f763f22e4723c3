"""Arguments and options that several commands have."""

from __future__ import annotations

from pathlib import Path

import click

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout, all else on stderr.")
dry_run_option = click.option("--dry-run", is_flag=True, help="Says what would be done, changes nothing anywhere.")
overrides_option = click.option(
    "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="A setting of this run alone."
)
