"""Code as it is compared: runs of tokens without names, texts and comments of its own."""

import functools
from typing import NamedTuple

from pygments.lexers import PythonLexer
from pygments.token import Comment, Name, String

RUN = 16


class Run(NamedTuple):
    """Consecutive tokens as they are compared, and where they stand in their cell."""

    text: str
    start: int
    end: int


@functools.cache
def runs(source: str) -> list[Run]:
    """All runs of a text, which need not be right Python."""
    tokens = _tokens(source)
    found = (tokens[first : first + RUN] for first in range(len(tokens) - RUN + 1))
    return [Run(" ".join(text for text, _, _ in run), run[0][1], run[-1][2]) for run in found]


def _tokens(source):
    """The tokens as they are compared, with their places."""
    found = [("", 0, 0), ("", 0, 0)]
    for start, kind, text in PythonLexer().get_tokens_unprocessed(source):
        if kind in Comment or kind in String.Doc or not text.strip():
            continue
        (owner, _, _), (before, begin, _) = found[-2:]
        end = start + len(text)
        if kind in String:
            text = "S"
        elif kind in (Name, Name.Function, Name.Class) and (before != "." or owner == "self"):
            text = "V"  # what follows another dot is a library's name
        if text == before == "S":
            found[-1] = (text, begin, end)
        else:
            found.append((text, start, end))
    return found[2:]
