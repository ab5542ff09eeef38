"""What is changed in nbgrader 0.9.6 itself, where neither its configuration nor a class of ours would be asked.

`nbgrader_config.py` imports it, so that it holds for every command of nbgrader's.
"""

import functools
import sqlite3
import sys
import time
import warnings
from pathlib import Path

import nbgrader.api
import nbgrader.utils
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import make_url
from sqlalchemy.exc import SAWarning
from traitlets.config import LoggingConfigurable

from autograder.classroom.nbgrader_seam import times

_PATIENCE, _SAY_AGAIN = 1800, 60  # seconds


# Its own queries raise it three times a submission; nobody who grades can do anything about it.
warnings.filterwarnings("ignore", category=SAWarning, module="nbgrader")


def take_over(theirs: LoggingConfigurable, kind: type[LoggingConfigurable]) -> None:
    """Make an object of nbgrader's one of ours.

    Its commands and its formgrader name the classes of converter and course directory in their code. What they take
    from the configuration is the converter's exporter, which is made when it starts, before it has looked at anything.
    """
    if not isinstance(theirs, kind):
        theirs.__class__ = kind


class TimedDirectory(CourseDirectory):
    """nbgrader's view of a course, which reads times as they are meant."""

    def get_existing_timestamp(self, dest_path):
        try:
            return self.time_in(Path(dest_path))
        except ValueError:
            return None

    def time_in(self, folder: Path):
        """When the submission in a folder came, None where nothing says so; raises ValueError for what is no time."""
        return times.read(folder, self.config.Exchange.get("timezone", ""))


def _due(moment, stock=nbgrader.utils.parse_utc):
    return stock(times.parse(moment) if isinstance(moment, str) else moment)


# What `nbgrader db` and formgrader take for a due date; it read "+0100" as 100 seconds, and CEST or AEDT as nothing.
nbgrader.utils.parse_utc = _due


class _Waiting(sqlite3.Connection):
    """Waits for a gradebook that another program has locked, and says so; sqlite3 gives up after five seconds."""

    def cursor(self, factory=None):
        return super().cursor(factory or _WaitingCursor)

    def commit(self):
        return _waited_for(super().commit)


class _WaitingCursor(sqlite3.Cursor):
    def execute(self, *statement):
        return _waited_for(super().execute, *statement)

    def executemany(self, *statement):
        return _waited_for(super().executemany, *statement)


def _waited_for(step, *arguments):
    started, said = time.monotonic(), -_SAY_AGAIN
    while True:
        try:
            return step(*arguments)
        except sqlite3.OperationalError as error:
            waited = time.monotonic() - started
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or waited > _PATIENCE:
                raise
            if waited - said >= _SAY_AGAIN:
                said = waited
                print("another program has locked the gradebook: waiting until it is free", file=sys.stderr, flush=True)
            time.sleep(0.2)


@functools.cache
def _engine(db_url, stock=nbgrader.api.create_engine, **options):
    if make_url(db_url).drivername == "sqlite":
        options["connect_args"] = {"factory": _Waiting}
    return stock(db_url, **options)


# `Gradebook` calls this name of its own module, eight times for each submission, and each time gets an engine that has
# compiled no statement yet. With one engine for all of them each statement is compiled once.
nbgrader.api.create_engine = _engine
