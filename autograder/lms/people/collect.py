"""Collects what Canvas, Moodle and Blackboard give as "download all submissions", for `nbgrader zip_collect`.

Source of the names: Canvas's lib/content_zipper.rb, Moodle's mod/assign/classes/downloader.php, Blackboard's help.
"""

import contextlib
import csv
import re
import unicodedata
import zipfile
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from nbgrader.api import Gradebook
from nbgrader.plugins import FileNameCollectorPlugin

# The name without blanks and marks, LATE, the student's number, the file's number, the file.
_CANVAS = re.compile(r"\w*?_(LATE_)?(?P<student>\d+)_(?P<version>\d+)_(?P<file>.+)")
# The full name, a number that only this assignment knows, the kind of hand-in: a folder's name, or before the file's.
_MOODLE = re.compile(r"(?P<student>[^_]+)_(?P<number>\d+)_assignsubmission_file(_(?P<file>[^/]+)|_?)/?")
# The assignment's title and the user name, which may both have underscores; the time of the attempt; the file.
_BLACKBOARD = re.compile(r"(?P<student>.+)_attempt_(?P<day>[\d-]{10})-(?P<time>\d\d-\d\d-\d\d)_(?P<file>.+)")
# What browsers and Canvas add where a name is taken: `-1`, ` (2)`.
_AGAIN = re.compile(r"(-(\d+)| ?\((\d+)\))$")
_EXPORTS = (".py", ".json")  # what is taken along beside a notebook, and read where there is none
_MOODLE_DROPS = re.compile(r"""[\x00-\x1f&<>"`|':\\/]""")


@dataclass(frozen=True)
class HandIn:
    """What a file's name says: whose it is (`kind` says how to look the text up), which file, and when.

    `number` is Moodle's for a person in one assignment, which its grading worksheet calls the identifier.
    """

    kind: str
    student: str
    file: str
    time: str = ""
    version: int = 0
    number: str = ""


class _HandIns(NamedTuple):
    """Of all that was extracted: the file that counts by student and notebook, and the numbers that Moodle has for
    each student: one, or more where people have one name."""

    newest: dict[tuple[str, str], Path]
    numbers: dict[str, set[str]]


def parse(path: Path) -> HandIn | None:
    """The hand-in that the system's name tells of: that of a file, by its path from where it was extracted, or of a
    folder around it.

    An archive that was handed in is a folder by now, with the name of the archive.
    """
    if found := _named(path.name):
        return found
    file = unicodedata.normalize("NFC", path.name)
    folders = (_named(folder.name + "/") for folder in path.parents)
    return next((replace(found, file=file) for found in folders if found), None)


def _named(name):
    name = unicodedata.normalize("NFC", name)
    if found := _BLACKBOARD.fullmatch(name):
        time = f"{found['day']} {found['time'].replace('-', ':')}"
        return HandIn("suffix", found["student"], found["file"], time)
    if found := _CANVAS.fullmatch(name):
        return HandIn("lms_id", found["student"], found["file"], version=int(found["version"]))
    if found := _MOODLE.fullmatch(name):
        return HandIn("name", found["student"], found["file"] or "", number=found["number"])
    return None


class Collector(FileNameCollectorPlugin):
    """Finds student and notebook by what `course roster import` brought here; the newest of several hand-ins counts.

    A file whose student is not known for certain is skipped with a warning.
    """

    def collect(self, submitted_file):
        """The student, the notebook and the time of one extracted file; None for one that is skipped."""
        path = Path(submitted_file)
        if not self._is_wanted(path):
            return None
        if not (found := self._parsed(path)):
            self.log.warning("%s is not named as Canvas, Moodle or Blackboard name it", path)
        elif not (student := self._student(found, path)):
            self.log.warning("%s is no one student's of the gradebook: run `course roster import`", path)
        elif len(numbers := self._hand_ins(path).numbers[student]) > 1:
            people = " and ".join(sorted(numbers))
            self.log.warning(
                "%s may be another one's: Moodle has %s under the name of %s: put its grading worksheet (CSV) beside "
                "the zip, and run `course roster import` for all of them", path, people, student,
            )  # fmt: skip
        elif self._hand_ins(path).newest.get((student, self._notebook(found))) != path:
            self.log.warning("%s is not the newest of %s", path, student)
        else:
            return {"student_id": student, "file_id": self._notebook(found), "timestamp": found.time or None}
        return None

    def _parsed(self, path):
        return parse(path.relative_to(self._folder(path) / self.parent.extracted_directory))

    def _is_wanted(self, path):
        return path.suffix in (*self.valid_ext, *_EXPORTS) and not path.name.startswith("._")

    def _notebook(self, found):
        """The exercise's notebook where the name has that of the exercise in it."""
        stem, exercise = Path(found.file).stem, self.parent.coursedir.assignment_id
        return exercise if exercise in stem else _AGAIN.sub("", stem)

    def _student(self, found, path):
        if not hasattr(self, "_index"):
            self._index, self._worksheet = self._students(), self._numbers(self._folder(path))
        if found.kind == "suffix":
            words = found.student.split("_")
            keys = {("suffix", "_".join(words[start:])) for start in range(1, len(words))}
        elif found.number in self._worksheet:
            keys = {("email", self._worksheet[found.number])}
        else:
            keys = {(found.kind, _plain(found.student) if found.kind == "name" else found.student)}
        known = set().union(*(self._index.get(key, ()) for key in keys))
        return known.pop() if len(known) == 1 else None

    def _students(self):
        index, course = defaultdict(set), self.parent.coursedir
        with Gradebook(course.db_url, course.course_id) as book:
            for one in book.students:
                first, last = one.first_name or "", one.last_name or ""
                keys = [("suffix", one.id), ("lms_id", one.lms_user_id), ("email", (one.email or "").casefold())]
                keys += [("name", _plain(f"{first} {last}")), ("name", _plain(f"{last} {first}"))]
                for key in keys:
                    index[key].add(one.id)
        return index

    def _folder(self, path):
        """What was downloaded for this exercise, with the archives and what was extracted from them."""
        return next(folder for folder in path.parents if folder.name == self.parent.extracted_directory).parent

    def _numbers(self, folder):
        """By the number in Moodle's file names, the e-mail addresses in a grading worksheet beside the archives."""
        found = {}
        for path in sorted(folder.rglob("*.csv")):
            for line in csv.DictReader(path.read_text(encoding="utf-8-sig", errors="replace").splitlines()):
                number, email = (line.get("Identifier") or "").rpartition(" ")[2], line.get("Email address")
                if number and email:
                    found[number] = email.casefold()
        return found

    def _hand_ins(self, path):
        """All that was extracted: which file counts, and under which numbers Moodle has each student."""
        if not hasattr(self, "_found"):
            folder = self._folder(path)
            times, ages, numbers = _times(folder, self.parent), defaultdict(list), defaultdict(set)
            for other in filter(self._is_wanted, sorted((folder / self.parent.extracted_directory).rglob("*"))):
                if (found := self._parsed(other)) and (student := self._student(found, other)):
                    numbers[student] |= {found.number} - {""}
                    is_notebook = other.suffix in self.valid_ext
                    age = is_notebook, found.time, found.version, times.get(other, ()), *map(_again, other.parts[::-1])
                    ages[student, self._notebook(found)].append((age, other))
            self._found = _HandIns({key: max(files)[1] for key, files in ages.items()}, numbers)
        return self._found


def _times(folder, app):
    """By extracted file, the time that its archive has for it."""
    found, archives = {}, folder / app.archive_directory
    for path in archives.rglob("*.zip"):
        into = folder / app.extracted_directory / path.relative_to(archives).with_suffix("")
        with contextlib.suppress(OSError, zipfile.BadZipFile), zipfile.ZipFile(path) as archive:
            found |= {into / one.filename: one.date_time for one in archive.infolist()}
    return found


def _again(name):
    """The number that a name got because it was taken; 0 for none."""
    found = _AGAIN.search(Path(name).stem)
    return int(found[2] or found[3]) if found else 0


def _plain(name):
    """A full name as Moodle puts it into file names, in one case."""
    text = _MOODLE_DROPS.sub("", unicodedata.normalize("NFC", name).replace("_", " "))
    return " ".join(text.split()).casefold()
