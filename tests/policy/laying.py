"""Lays a small policy, its law and a school's settings into a folder, with some files in another form."""

from __future__ import annotations

import shutil
from pathlib import Path

GOOD = Path(__file__).parent / "good"
LAW_FROM, POLICY_FROM = "2024-08-19", "2025-09-01"


def lay(root: Path, *instead: Path) -> Path:
    """The good files, then those of each folder of `instead` over them."""
    for folder in (GOOD, *instead):
        for file in sorted(folder.rglob("*")):
            if file.is_file() and file.name != "says.txt":
                name = file.relative_to(folder)
                if name.parts[0] == "law":
                    target = root / "law" / LAW_FROM / file.name
                else:
                    target = root if name.name == "school.toml" else root / "small" / POLICY_FROM
                    target = target / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, target)
    return root
