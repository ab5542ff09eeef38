"""How files are written, and how their names are shown."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def replacing(path: Path, mode: int = 0o666) -> Iterator[Path]:
    """A draft beside a file, to be written: it takes the file's place if all went well, and is gone if not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.touch(mode)
        yield draft
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def write_atomically(path: Path, content: str | bytes, mode: int = 0o666) -> None:
    """Write a file so that a reader sees the old one or the new one, whatever happens in between."""
    with replacing(path, mode) as draft:
        draft.write_bytes(content if isinstance(content, bytes) else content.encode())


def create_atomically(path: Path, text: str, mode: int = 0o666) -> None:
    """Write a file unless somebody else was first: whoever reads it sees all of one text, and everybody the same."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    write_atomically(draft, text, mode)
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def printable(text: str) -> str:
    """A file's name as a text: it may hold bytes that are no character, which no gradebook and no terminal takes."""
    return text.encode("utf-8", "backslashreplace").decode()
