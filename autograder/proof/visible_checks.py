"""Reads the visible checks as students do: what each says about each misconception, and whether that names the cause.

A table for each exercise, docs/visible/exNN_name.csv, keeps the messages. Its column `reading` is a person's: a message
`points` to the cause, or is `vague`; `unread` is one whose words have changed since. Where it is `silent` the check
passes, and only the hidden tests see the mistake.
"""

import contextlib
import csv
import io
import multiprocessing
import os
import re
import time
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from autograder import course
from autograder.course.model import is_notebook_only
from autograder.files import write_atomically

FOLDER = course.ROOT / "docs" / "visible"
_COLUMNS = ("task", "mistake", "reading", "message")


@dataclass(frozen=True)
class Seen:
    """One run of a task's visible check: the misconception in the answer, what came out, and the CPU time it took."""

    task: str
    mistake: str
    message: str
    seconds: float

    @property
    def words(self) -> str:
        """The message without its numbers, which another machine may round in another way."""
        return re.sub(r"#(\W+#)+", "#", re.sub(r"\d+(\.\d+)?(e[-+]?\d+)?", "#", self.message))


def on_reference(name: str) -> list[Seen]:
    """What each visible check of an exercise says about the reference: nothing, if all is well."""
    return [_check(name, task.name, "", {}) for task in course.exercise(name).tasks]


def on_mistakes(name: str, every: int = 1) -> Iterator[Seen]:
    """What each misconception's own visible check says, in a process of its own: some spoil the one they run in.

    `every`: only each so manieth of them.
    """
    torch.set_num_threads(1)  # a fork has none of the threads that it was forked from
    on_reference(name)  # imports here, once, what all of them need
    with multiprocessing.get_context("fork").Pool(1, maxtasksperchild=1) as pool:
        for wrong in course.misconceptions(name)[::every]:
            asked = (name, wrong.task, wrong.name, course.answer_with(name, wrong))
            yield pool.apply_async(_check, asked).get(timeout=120)


def _check(name, task, mistake, answers) -> Seen:
    """Run the notebook's cells from the top, but no check except the task's own, as a student's kernel does."""
    names = {"__name__": name}
    torch.manual_seed(1)  # the checks draw from 0: what starts random must be independent of that
    np.random.seed(1)
    os.environ.setdefault("MPLBACKEND", "agg")
    for cell in course.exercise(name).cells:
        if cell.cell_type == "code" and not is_notebook_only(cell):
            source = answers.get(cell.metadata.get("solution"), cell.source)
            if cell.metadata.get("grades", task) == task:
                message, seconds = _run(source, names)
            if cell.metadata.get("grades") == task:
                break
    return Seen(task, mistake, message, seconds)


def _run(source, names):
    start, message = time.process_time(), ""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings(action="ignore"):
        try:
            exec(compile(source, "<cell>", "exec"), names)
        except AssertionError as error:
            message = str(error) or "AssertionError"
        except Exception as error:
            message = f"{type(error).__name__}: {error}"
    return message, time.process_time() - start


def path(name: str) -> Path:
    """Where an exercise's table is."""
    return FOLDER / f"{name}.csv"


def readings(name: str) -> dict[Seen, str]:
    """The table as it was last written."""
    if not path(name).is_file():
        return {}
    rows = csv.DictReader(io.StringIO(path(name).read_text(encoding="utf-8")))
    return {Seen(row["task"], row["mistake"], row["message"], 0): row["reading"] for row in rows}


def read_again(seen: Iterable[Seen], known: Mapping[Seen, str]) -> dict[Seen, str]:
    """Each message with its reading, which is kept where the words are still the same."""
    by_words = {(one.mistake, one.words): reading for one, reading in known.items()}
    return {one: by_words.get((one.mistake, one.words), "unread") if one.message else "silent" for one in seen}


def write(name: str, read: Mapping[Seen, str]) -> None:
    """Write an exercise's table."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(_COLUMNS)
    rows.writerows((one.task, one.mistake, reading, one.message) for one, reading in read.items())
    write_atomically(path(name), text.getvalue())


def share(found: Iterable[str]) -> str:
    """How many of the mistakes that a visible check sees it also explains, in a sentence."""
    counts = Counter(found)
    seen = counts.total() - counts["silent"]
    told = counts["points"] / seen if seen else 0
    return (
        f"{seen} of {counts.total()} mistakes fail a visible check, {counts['points']} of those ({told:.0%}) with a "
        f"message that points to the cause; {counts['vague']} messages are vague, {counts['unread']} unread"
    )
