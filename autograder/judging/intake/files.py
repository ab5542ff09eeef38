"""What was handed in as files: those of a folder, and those in the archives among them, of which nothing is unpacked
to the disk."""

import bz2
import gzip
import io
import lzma
import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from autograder.judging.intake.parsing import FILE_BYTES, NoNotebook

_NO_FOLDERS = {"__MACOSX", "__pycache__"}
_ARCHIVES = {".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz"}
_COMPRESSED = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\0": lzma.open}
_ARCHIVE_BYTES = 64 << 20
_DEPTH = 3  # of archives in archives
_BROKEN = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError, ValueError,
)  # fmt: skip

# What nbgrader's exchange puts beside a submission: when it came, and what finds its feedback.
EXCHANGED = ("timestamp.txt", "submission_secret.txt")


class File(NamedTuple):
    """A file, by the path at which a person finds it, through archives too."""

    name: str
    raw: bytes


def listed(folder: Path) -> list[Path]:
    """The files of a folder and of those in it, without what systems and nbgrader put there."""
    found = []
    for directory, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if _counts(name))
        found += [Path(directory, name) for name in sorted(names) if _counts(name) and name not in EXCHANGED]
    return found


def _counts(name):
    return not name.startswith(".") and name not in _NO_FOLDERS


def is_notebook(name: str) -> bool:
    """Whether a file's name says that it is a notebook, or an archive that may have one."""
    return ".ipynb" in name.lower() or PurePosixPath(name.lower()).suffix in _ARCHIVES


def is_export(name: str) -> bool:
    """Whether a file may be a notebook's export, or a notebook whose name does not say so."""
    return PurePosixPath(name.lower()).suffix in {".json", ".py", ".txt", ""}


def read(path: Path, name: str) -> File:
    """A file's bytes, as many as are looked at; raises NoNotebook."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise NoNotebook("unreadable", f"{name} is no file")
        with path.open("rb") as file:
            return File(name, file.read(FILE_BYTES + 1))
    except OSError as error:
        raise NoNotebook("unreadable", f"{name} cannot be opened: {error.strerror}") from error


def unpacked(file: File, wanted: Callable[[str], bool], depth: int = _DEPTH) -> Iterator[File]:
    """The file, or the wanted ones of an archive; raises NoNotebook."""
    opener = next((known for magic, known in _COMPRESSED.items() if file.raw.startswith(magic)), None)
    if not depth or not (opener or file.raw.startswith(b"PK\3\4") or file.raw[257:262] == b"ustar"):
        yield file
        return
    if len(file.raw) > _ARCHIVE_BYTES:
        raise NoNotebook("needs_review", f"{file.name} is too large to be unpacked: hand in the notebook itself")
    try:
        found = [_inflated(file, opener)] if opener else list(_entries(file, wanted))
    except _BROKEN as error:
        why = f"{file.name} is an archive that cannot be opened ({error})"
        raise NoNotebook("unreadable", f"{why}: hand in the notebook itself") from None
    for inner in found:
        yield from unpacked(inner, wanted, depth - 1)


def _inflated(file, opener):
    with opener(io.BytesIO(file.raw)) as stream:
        raw = _bounded(stream, FILE_BYTES, file.name)
    return File(str(PurePosixPath(file.name).with_suffix("")), raw)


def _entries(file, wanted):
    """The files of a zip or tar archive whose names are wanted, all together within the bounds of one file."""
    left = FILE_BYTES
    for name, opened in (_zipped if file.raw.startswith(b"PK") else _tarred)(io.BytesIO(file.raw)):
        path = PurePosixPath(name)
        if wanted(name) and all(map(_counts, path.parts)):
            with opened() as stream:
                inner = File(f"{file.name}/{path}", _bounded(stream, left, file.name))
            left -= len(inner.raw)
            yield inner


def _zipped(stream):
    with zipfile.ZipFile(stream) as archive:
        for one in archive.infolist():
            if not one.is_dir():
                yield one.filename, lambda one=one: archive.open(one)


def _tarred(stream):
    with tarfile.open(fileobj=stream, mode="r:") as archive:
        for one in archive:
            if one.isfile():
                yield one.name, lambda one=one: archive.extractfile(one)


def _bounded(stream, limit, name):
    raw = stream.read(limit + 1)
    if len(raw) > limit:
        raise NoNotebook("needs_review", f"{name} is too large to be unpacked: hand in the notebook itself")
    return raw
