"""Writes a folder of results whole or not at all.

The folder is private, made beside its place and renamed at the end, so that nobody ever sees half of it. A
folder that holds something is refused; `replace` replaces only one that was written by Firstbell, which a
marker file tells, so that a mistyped path cannot cost anybody their files.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from firstbell.problems import Place, Problem, Unusable

__all__ = ["MARKER", "check_folder", "write_folder"]

MARKER = ".written-by-firstbell"


def check_folder(folder: Path, *, replace: bool) -> None:
    """Raises `Unusable` if results may not be written to `folder`. To be asked before any work is done."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise _refused(folder, "is not a folder", "Name a new folder.")
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not replace:
        raise _refused(folder, "is not empty", "Name a new folder, or add --replace to write it anew.")
    if not (folder / MARKER).exists():
        raise _refused(
            folder,
            "holds files that Firstbell has not written",
            "Name another folder: --replace only replaces results.",
        )


def write_folder(folder: Path, files: Mapping[str, str | bytes], *, replace: bool = False) -> None:
    """Writes `files` (name to content; text as UTF-8, in CSV with a byte order mark) as `folder`.

    Readable by nobody else. Raises `Unusable` where `check_folder` does, or where the disk refuses.
    """
    check_folder(folder, replace=replace)
    making = folder.with_name(f".{folder.name}.new")
    old = folder.with_name(f".{folder.name}.old")
    try:
        for left_over in (making, old):
            if left_over.exists():
                shutil.rmtree(left_over)
        making.mkdir(mode=0o700, parents=True)
        for name, content in files.items():
            path = making / name
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            encoding = "utf-8-sig" if name.endswith(".csv") else "utf-8"
            path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
            path.chmod(0o600)
        (making / MARKER).write_bytes(b"")
        if folder.exists():
            folder.rename(old)
        making.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise _refused(folder, f"cannot be written: {error.strerror}", "Choose another place.") from error


def _refused(folder: Path, what: str, remedy: str) -> Unusable:
    return Unusable([Problem("folder", Place(str(folder)), f"The folder {what}.", remedy)])
