"""Writes a folder of results whole or not at all.

The folder is private, made beside its place and renamed at the end, so that nobody ever sees half of it. A
folder that holds something is refused. `replace` replaces only what Firstbell wrote there and nobody has
changed since, which a list with digests in the folder tells: a mistyped path, a note kept beside the results
or a file corrected in place cannot be lost.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from firstbell.problems import Place, Problem, Unusable

__all__ = ["MARKER", "check_folder", "write_folder"]

MARKER = ".written-by-firstbell"


def check_folder(folder: Path, *, replace: bool, read_in: Collection[Path] = ()) -> None:
    """Raises `Unusable` if results may not be written to `folder`. To be asked before any work is done.

    `read_in` are files that this very run reads: one that was corrected in the folder may be replaced,
    because what it says is in the results.
    """
    if folder.exists() and not folder.is_dir():
        raise Unusable([Problem("folder", Place(str(folder)), "This is a file.", "Name a new folder.")])
    if folder.resolve() == Path.cwd():
        raise _refused(folder, "is the one you are in", "Name a new folder in it, such as results.")
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not replace:
        raise _refused(folder, "is not empty", "Name a new folder, or add --replace to write it anew.")
    read = {path.resolve() for path in read_in}
    if foreign := sorted({path for path in _not_ours(folder) if path.resolve() not in read}):
        named = ", ".join(str(path.relative_to(folder)) for path in foreign[:5])
        more = f" and {len(foreign) - 5} more" if len(foreign) > 5 else ""
        raise _refused(
            folder,
            f"holds files that Firstbell has not written, or that were changed since: {named}{more}",
            "Move them away, or name another folder: --replace only replaces results.",
        )


def _not_ours(folder: Path) -> Iterator[Path]:
    """The files in a folder that are not as Firstbell wrote them; results in a folder inside it are ours."""
    marker = folder / MARKER
    lines = marker.read_text(encoding="utf-8").splitlines() if marker.is_file() else []
    written = dict(line.split("  ", 1)[::-1] for line in lines)
    for path in folder.rglob("*"):
        home = next(one for one in path.parents if one == folder or (one / MARKER).is_file())
        if home != folder:
            # Results in a folder of their own are asked about once, by their own list.
            if path == home / MARKER:
                yield from _not_ours(home)
        elif path.is_symlink() or (
            path.is_file() and path.name != MARKER and not _is_listed(path, written, folder)
        ):
            yield path


def _is_listed(path: Path, written: Mapping[str, str], folder: Path) -> bool:
    return written.get(path.relative_to(folder).as_posix()) == _digest(path)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_folder(
    folder: Path,
    files: Mapping[str, str | bytes],
    *,
    replace: bool = False,
    read_in: Collection[Path] = (),
) -> None:
    """Writes `files` (name to content; text as UTF-8, in CSV with a byte order mark) as `folder`.

    Readable by nobody else. Raises `Unusable` where `check_folder` does, or where the disk refuses.
    """
    check_folder(folder, replace=replace, read_in=read_in)
    folder = folder.resolve()
    making = folder.with_name(f".{folder.name}.new")
    old = folder.with_name(f".{folder.name}.old")
    try:
        for left_over in (making, old):
            if left_over.exists():
                shutil.rmtree(left_over)
        making.mkdir(mode=0o700, parents=True)
        for name, content in files.items():
            path = making / name
            for parent in reversed(path.relative_to(making).parents):
                (making / parent).mkdir(mode=0o700, exist_ok=True)
            encoding = "utf-8-sig" if name.endswith(".csv") else "utf-8"
            path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
            path.chmod(0o600)
        listed = "".join(f"{_digest(making / name)}  {name}\n" for name in files)
        (making / MARKER).write_text(listed, encoding="utf-8")
        if folder.exists():
            folder.rename(old)
        making.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise _refused(folder, f"cannot be written: {error.strerror}", "Choose another place.") from error


def _refused(folder: Path, what: str, remedy: str) -> Unusable:
    return Unusable([Problem("folder", Place(str(folder)), f"The folder {what}.", remedy)])
