"""Where a course's files are, and how they are written."""

import os
from pathlib import Path


def write_atomically(path: Path, text: str) -> None:
    """Write a text file so that a reader sees the old one or the new one, whatever happens in between."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.write_text(text, encoding="utf-8", newline="")
    new.replace(path)


def printable(text: str) -> str:
    """A file's name as a text: it may hold bytes that are no character, which no gradebook and no terminal takes."""
    return text.encode("utf-8", "backslashreplace").decode()
