"""Writes a folder of results whole or not at all.

The folder is private, made beside its place and renamed at the end, so that nobody ever sees half of it. A
folder that holds something is refused. `replace` replaces only what Firstbell wrote there and nobody has
changed since, which a list with digests in the folder tells: a mistyped path, a note kept beside the results
or a file corrected in place cannot be lost.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

from firstbell.problems import Place, Problem, Unusable

__all__ = ["MARKER", "RECORD", "alone", "check_folder", "digest_listed", "files_listed", "write_folder"]

if sys.platform != "win32":
    import fcntl

MARKER = ".written-by-firstbell"
MAKING = ".being-written-by-firstbell"
RECORD = "record.jsonl"
"""The file by which the folder of a school is known."""
LOCKS = (".~lock.", "~$")


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Lets one run at a time read or change a folder, and puts right what a run that was stopped has left.

    Raises `Unusable` if another one is at work on it. The lock lies with the system's temporary files, so
    that nothing stands beside the folder.
    """
    place = folder.resolve()
    if sys.platform == "win32":  # which has no such locks
        _put_right(place)
        yield
        return
    try:
        locks = Path(tempfile.gettempdir()) / f"firstbell-{os.getuid()}"
        locks.mkdir(mode=0o700, exist_ok=True)
        name = hashlib.sha256(os.fsencode(place)).hexdigest()[:32]
        held = os.open(locks / f"{name}.lock", os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise _refused(folder, f"cannot be locked: {error.strerror}", "Choose another place.") from None
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise _refused(folder, "is being used by another run", "Wait until it has ended.") from None
        _put_right(place)
        yield
    finally:
        os.close(held)


def _put_right(folder: Path) -> None:
    """Puts a folder back that a run had moved aside when it was stopped, and clears what it left besides.

    What was moved aside has its list; what has none is superseded, and so is what was only half made.
    """
    if not folder.parent.is_dir():
        return
    ours = re.compile(rf"\.{re.escape(folder.name)}\.[0-9a-f]{{8}}\.(old|new)")
    left = {one: found.group(1) for one in folder.parent.iterdir() if (found := ours.fullmatch(one.name))}
    aside = [one for one, kind in left.items() if kind == "old" and (one / MARKER).is_file()]
    if aside and not folder.exists():
        last = max(aside, key=lambda one: one.stat().st_mtime)
        last.rename(folder)
        del left[last]
    for one, kind in left.items():
        made_by_us = (one / MAKING).is_file() or (one / MARKER).is_file() or not any(one.iterdir())
        if kind == "old" or made_by_us:
            shutil.rmtree(one, ignore_errors=True)


def digest_listed(folder: Path, name: str) -> bool:
    """Whether a file in a folder of results is as Firstbell wrote it."""
    return _is_listed(folder / name, _written(folder), folder)


def files_listed(folder: Path) -> dict[str, bytes]:
    """What Firstbell wrote into a folder, as it is now, by name; what somebody else put there is left out."""
    there = {name: folder / name for name in _written(folder)}
    return {name: path.read_bytes() for name, path in there.items() if path.is_file()}


def check_folder(folder: Path, *, replace: bool, read_in: Collection[Path] = ()) -> None:
    """Raises `Unusable` if results may not be written to `folder`. To be asked before any work is done.

    `read_in` are files that this very run reads: one that was corrected in the folder may be replaced,
    because what it says is in the results.
    """
    if any((above / RECORD).is_file() for above in folder.resolve().parents):
        raise _refused(folder, "lies in the folder of a school", "Write results to a folder of their own.")
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
    locked: bool = False,
) -> None:
    """Writes `files` (name to content; text as UTF-8, in CSV with a byte order mark) as `folder`.

    Readable by nobody else. Files that somebody has put into the folder and that were `read_in` stay in it.
    `locked` says that the caller has the folder `alone`. Raises `Unusable` where `check_folder` does, or
    where the disk refuses; then the folder is as it was.
    """
    with nullcontext() if locked else alone(folder):
        check_folder(folder, replace=replace, read_in=read_in)
        _replace(folder, files, read_in)


def _replace(folder: Path, files: Mapping[str, str | bytes], read_in: Collection[Path]) -> None:
    folder = folder.resolve()
    unique = secrets.token_hex(4)
    making = folder.with_name(f".{folder.name}.{unique}.new")
    old = folder.with_name(f".{folder.name}.{unique}.old")
    try:
        _make(making, files)
        _carry_over(folder, making, read_in)
        (making / MAKING).unlink()
        if folder.exists():
            folder.rename(old)
        try:
            making.rename(folder)
        except OSError:
            if old.exists():
                old.rename(folder)
            raise
        # From here on the old one is nobody's any more: without its list it is never put back.
        (old / MARKER).unlink(missing_ok=True)
    except OSError as error:
        raise _refused(folder, f"cannot be written: {error.strerror}", "Choose another place.") from error
    finally:
        shutil.rmtree(making, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)


def _make(making: Path, files: Mapping[str, str | bytes]) -> None:
    making.mkdir(mode=0o700, parents=True)
    (making / MAKING).touch()
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
