"""Collects what Canvas, Moodle and Blackboard give as "download all submissions", for `nbgrader zip_collect`."""

import contextlib
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from nbgrader.api import Gradebook
from nbgrader.plugins import FileNameCollectorPlugin

from autograder import CourseError
from autograder.lms.people.naming import AGAIN, again, parse, plain
from autograder.lms.systems.moodle import KEYS
from autograder.lms.table.text import parse as table
from autograder.lms.table.text import respelled

_EXPORTS = (".py", ".json")  # what is taken along beside a notebook, and read where there is none

# What else tells whose a file is, by what its name has of a student.
_OR = defaultdict(str, name=", and put Moodle's grading worksheet (CSV) beside the zip")


class _HandIns(NamedTuple):
    """Of all that was extracted: the file that counts by student and notebook, and the numbers that Moodle has for
    each student: one, or more where people have one name."""

    newest: dict[tuple[str, str], Path]
    numbers: dict[str, set[str]]


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
        elif not (known := self._known(found, path)):
            self.log.warning("%s is nobody's in the gradebook: run `course roster import`%s", path, _OR[found.kind])
        elif len(known) > 1:
            self.log.warning("%s may be of %s: tell them apart%s", path, " or ".join(sorted(known)), _OR[found.kind])
        elif len(numbers := self._hand_ins(path).numbers[student := min(known)]) > 1:
            people = " and ".join(sorted(numbers))
            self.log.warning(
                "%s may be another one's: Moodle has %s under the name of %s: run `course roster import` for all of "
                "them%s", path, people, student, _OR[found.kind],
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
        return exercise if exercise in stem else AGAIN.sub("", stem)

    def _known(self, found, path):
        """The students whose it may be, as the gradebook has them."""
        if not hasattr(self, "_index"):
            self._index, self._worksheet = self._students(), self._numbers(self._folder(path))
        if found.kind == "suffix":
            words = found.student.split("_")
            keys = {("student", "_".join(words[start:])) for start in range(1, len(words))}
        elif self._worksheet.get(found.number):
            keys = self._worksheet[found.number]
        else:
            keys = {(found.kind, plain(found.student) if found.kind == "name" else found.student)}
        return set().union(*(self._index.get(key, ()) for key in keys))

    def _students(self):
        index, course = defaultdict(set), self.parent.coursedir
        with Gradebook(course.db_url, course.course_id) as book:
            for one in book.students:
                first, last = one.first_name or "", one.last_name or ""
                keys = [("student", one.id), ("lms_id", one.lms_user_id), ("email", (one.email or "").casefold())]
                keys += [("name", plain(f"{first} {last}")), ("name", plain(f"{last} {first}"))]
                for key in keys:
                    index[key].add(one.id)
        return index

    def _folder(self, path):
        """What was downloaded for this exercise, with the archives and what was extracted from them."""
        return next(folder for folder in path.parents if folder.name == self.parent.extracted_directory).parent

    def _numbers(self, folder):
        """By the number in Moodle's file names, the ids that a grading worksheet beside the archives has for it."""
        found = {}
        for path in sorted(folder.rglob("*.csv")):
            with contextlib.suppress(CourseError):
                (header, *body), _ = table(path.read_bytes())
                header = respelled(header, ["Identifier", *KEYS])
                for line in (dict(zip(header, cells, strict=True)) for cells in body):
                    number = line.get("Identifier", "").rpartition(" ")[2]
                    ids = {(of, line.get(name, "").strip()) for name, attributes in KEYS.items() for of in attributes}
                    found[number] = {(of, text.casefold() if of == "email" else text) for of, text in ids if text}
        return found

    def _hand_ins(self, path):
        """All that was extracted: which file counts, and under which numbers Moodle has each student."""
        if not hasattr(self, "_found"):
            folder = self._folder(path)
            times, ages, numbers = _times(folder, self.parent), defaultdict(list), defaultdict(set)
            for other in filter(self._is_wanted, sorted((folder / self.parent.extracted_directory).rglob("*"))):
                if (found := self._parsed(other)) and len(known := self._known(found, other)) == 1:
                    student = min(known)
                    numbers[student] |= {found.number} - {""}
                    is_notebook = other.suffix in self.valid_ext
                    age = is_notebook, found.time, found.version, times.get(other, ()), *map(again, other.parts[::-1])
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
