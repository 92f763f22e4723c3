"""The engine of docs/engines.md, installed as a package of somebody else would be."""

from __future__ import annotations

import tomllib
from pathlib import Path

from esl_pipeline_tests.docs.documents import PROJECT, code_blocks

PAGE = PROJECT / "docs" / "engines.md"


def install(folder: Path) -> Path:
    """Writes the package with its metadata into a folder, as pip does; returns the folder."""
    (module,), (project,) = code_blocks(PAGE, "python"), code_blocks(PAGE, "toml")
    (folder / "humming.py").write_text(module, "utf-8")
    groups = tomllib.loads(project)["project"]["entry-points"]
    return describe(folder, "humming", {group: dict(names) for group, names in groups.items()})


def describe(folder: Path, package: str, groups: dict[str, dict[str, str]]) -> Path:
    """Writes the metadata of an installed package with its entry points."""
    metadata = folder / f"{package}-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n", "utf-8")
    lines = [
        line
        for group, names in groups.items()
        for line in (f"[{group}]", *(f"{name} = {value}" for name, value in names.items()))
    ]
    (metadata / "entry_points.txt").write_text("\n".join(lines), "utf-8")
    return folder
