"""Writes a folder of results whole or not at all.

The folder is private, made beside its place and renamed at the end, so that nobody ever sees half of it. A
folder that holds something is refused. `replace` replaces only what Firstbell wrote there and nobody has
changed since, which a list with digests in the folder tells: a mistyped path, a note kept beside the results
or a file corrected in place cannot be lost.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from firstbell.problems import Place, Problem, Unusable

__all__ = ["MARKER", "alone", "check_folder", "digest_listed", "restored", "write_folder"]

try:
    import fcntl
except ImportError:  # Windows has no such locks.
    fcntl = None  # type: ignore[assignment]

MARKER = ".written-by-firstbell"
LOCKS = (".~lock.", "~$")


def restored(folder: Path) -> None:
    """Puts a folder back that a run had moved aside when it was stopped, so that it is never lost."""
    if folder.exists() or not folder.parent.is_dir():
        return
    aside = [one for one in folder.parent.glob(f".{folder.name}.*.old") if (one / MARKER).is_file()]
    if aside:
        max(aside, key=lambda one: one.stat().st_mtime).rename(folder)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Lets one run at a time change a folder. Raises `Unusable` if another one is at work on it."""
    if fcntl is None or not folder.resolve().parent.is_dir():
        yield
        return
    lock = folder.resolve().with_name(f".{folder.name}.lock")
    with lock.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise _refused(folder, "is being changed by another run", "Wait until it has ended.") from None
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)


def digest_listed(folder: Path, name: str) -> bool:
    """Whether a file in a folder of results is as Firstbell wrote it."""
    return _is_listed(folder / name, _written(folder), folder)


def check_folder(folder: Path, *, replace: bool, read_in: Collection[Path] = ()) -> None:
    """Raises `Unusable` if results may not be written to `folder`. To be asked before any work is done.

    `read_in` are files that this very run reads: one that was corrected in the folder may be replaced,
    because what it says is in the results.
    """
    restored(folder)
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
            "Move them away, or name another folder: results never replace what somebody else wrote. A file "
            "that you have corrected there is read if you name it, a mapping with --mapping.",
        )


def _written(folder: Path) -> dict[str, str]:
    """The digests of what Firstbell wrote into a folder, by name; what is damaged there is nobody's."""
    marker = folder / MARKER
    text = marker.read_text(encoding="utf-8", errors="replace") if marker.is_file() else ""
    parts = (line.split("  ", 1) for line in text.splitlines())
    return {one[1]: one[0] for one in parts if len(one) == 2}


def _not_ours(folder: Path) -> Iterator[Path]:
    """The files in a folder that are not as Firstbell wrote them; results in a folder inside it are ours."""
    written = _written(folder)
    for path in folder.rglob("*"):
        home = next(one for one in path.parents if one == folder or (one / MARKER).is_file())
        if path.name.startswith(LOCKS):
            # A spreadsheet's note that it has a file open; it goes when the file is closed.
            continue
        if home != folder:
            # Results in a folder of their own are asked about once, by their own list.
            if path == home / MARKER:
                yield from _not_ours(home)
        elif path.is_symlink() or (
            path.is_file() and path.name != MARKER and not _is_listed(path, written, folder)
        ):
            yield path


def _is_listed(path: Path, written: Mapping[str, str], folder: Path) -> bool:
    return path.is_file() and written.get(path.relative_to(folder).as_posix()) == _digest(path)


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

    Readable by nobody else. Files that somebody has put into the folder and that were `read_in` stay in it.
    Raises `Unusable` where `check_folder` does, or where the disk refuses; then the folder is as it was.
    """
    check_folder(folder, replace=replace, read_in=read_in)
    folder = folder.resolve()
    unique = secrets.token_hex(4)
    making = folder.with_name(f".{folder.name}.{unique}.new")
    old = folder.with_name(f".{folder.name}.{unique}.old")
    try:
        _make(making, files)
        _carry_over(folder, making, read_in)
        if folder.exists():
            folder.rename(old)
        try:
            making.rename(folder)
        except OSError:
            if old.exists():
                old.rename(folder)
            raise
    except OSError as error:
        raise _refused(folder, f"cannot be written: {error.strerror}", "Choose another place.") from error
    finally:
        shutil.rmtree(making, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)


def _make(making: Path, files: Mapping[str, str | bytes]) -> None:
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
    (making / MARKER).chmod(0o600)


def _carry_over(folder: Path, making: Path, read_in: Collection[Path]) -> None:
    """Keeps the files of a user that were read where they stood: they are not ours to delete."""
    ours = _written(folder)
    for path in read_in:
        with suppress(ValueError):
            name = Path(os.path.abspath(path)).relative_to(folder)
            if name.as_posix() not in ours and not (making / name).exists():
                (making / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                shutil.copy2(folder / name, making / name, follow_symlinks=False)


def _refused(folder: Path, what: str, remedy: str) -> Unusable:
    return Unusable([Problem("folder", Place(str(folder)), f"The folder {what}.", remedy)])
