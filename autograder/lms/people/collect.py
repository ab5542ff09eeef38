"""Collects what Canvas, Moodle and Blackboard give as "download all submissions", for `nbgrader zip_collect`.

Source of the names: Canvas's lib/content_zipper.rb, Moodle's mod/assign/classes/downloader.php, Blackboard's help.
"""

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.plugins import FileNameCollectorPlugin

# The name without blanks and marks, LATE, the student's number, the file's number, the file.
_CANVAS = re.compile(r"\w*?_(LATE_)?(?P<student>\d+)_(?P<version>\d+)_(?P<file>.+)")
# The full name, a number that only this assignment knows, the kind of hand-in: a folder's name, or before the file's.
_MOODLE = re.compile(r"(?P<student>[^_]+)_\d+_assignsubmission_file(_(?P<file>.+)|_?)")
# The assignment's title and the user name, which may both have underscores; the time of the attempt; the file.
_BLACKBOARD = re.compile(r"(?P<student>.+)_attempt_(?P<day>[\d-]{10})-(?P<time>\d\d-\d\d-\d\d)_(?P<file>.+)")
# What browsers and Canvas add where a name is taken: `-1`, ` (2)`.
_AGAIN = re.compile(r"(-(\d+)| ?\((\d+)\))$")
_MOODLE_DROPS = re.compile(r"""[\x00-\x1f&<>"`|':\\/]""")


@dataclass(frozen=True)
class HandIn:
    """What a file's name says: whose it is (`kind` says how to look the text up), which file, and when."""

    kind: str
    student: str
    file: str
    time: str = ""
    version: int = 0


def parse(path: Path) -> HandIn | None:
    """The hand-in that the system's name for an extracted file, or for a folder around it, tells of."""
    name = unicodedata.normalize("NFC", path.name)
    if found := _BLACKBOARD.fullmatch(name):
        time = f"{found['day']} {found['time'].replace('-', ':')}"
        return HandIn("suffix", found["student"], found["file"], time)
    if found := _CANVAS.fullmatch(name):
        return HandIn("lms_id", found["student"], found["file"], version=int(found["version"]))
    if (found := _MOODLE.fullmatch(name)) and found["file"]:
        return HandIn("name", found["student"], found["file"])
    for folder in path.parents:
        if found := _MOODLE.fullmatch(unicodedata.normalize("NFC", folder.name)):
            return HandIn("name", found["student"], name)
    return None


class Collector(FileNameCollectorPlugin):
    """Finds student and notebook by what `course roster import` brought here; the newest of several hand-ins counts.

    A file whose student is not known for certain is skipped with a warning.
    """

    def collect(self, submitted_file):
        """The student, the notebook and the time of one extracted file; None for one that is skipped."""
        path = Path(submitted_file)
        if not self._is_notebook(path):
            return None
        if not (found := parse(path)):
            self.log.warning("%s is not named as Canvas, Moodle or Blackboard name it", path)
        elif not (student := self._student(found)):
            self.log.warning("%s is no one student's of the gradebook: run `course roster import`", path)
        elif self._newest(path)[student, self._notebook(found)] != path:
            self.log.warning("%s is not the newest of %s", path, student)
        else:
            return {"student_id": student, "file_id": self._notebook(found), "timestamp": found.time or None}
        return None

    def _is_notebook(self, path):
        return path.suffix in self.valid_ext and not path.name.startswith("._")

    def _notebook(self, found):
        """The exercise's notebook where the name is that but for a mark of its being there again."""
        stem, exercise = Path(found.file).stem, self.parent.coursedir.assignment_id
        return exercise if _AGAIN.sub("", stem) == exercise else stem

    def _student(self, found):
        if not hasattr(self, "_index"):
            self._index = self._students()
        if found.kind == "suffix":
            words = found.student.split("_")
            texts = {"_".join(words[start:]) for start in range(1, len(words))}
        else:
            texts = {_plain(found.student) if found.kind == "name" else found.student}
        known = set().union(*(self._index.get((found.kind, text), ()) for text in texts))
        return known.pop() if len(known) == 1 else None

    def _students(self):
        index, course = defaultdict(set), self.parent.coursedir
        with Gradebook(course.db_url, course.course_id) as book:
            for one in book.students:
                first, last = one.first_name or "", one.last_name or ""
                keys = [("suffix", one.id), ("lms_id", one.lms_user_id)]
                keys += [("name", _plain(f"{first} {last}")), ("name", _plain(f"{last} {first}"))]
                for key in keys:
                    index[key].add(one.id)
        return index

    def _newest(self, path):
        """By student and notebook, the file that counts, of all that were extracted."""
        if not hasattr(self, "_chosen"):
            root = next(folder for folder in path.parents if folder.name == self.parent.extracted_directory)
            ages = defaultdict(list)
            for other in filter(self._is_notebook, sorted(root.rglob("*"))):
                if (found := parse(other)) and (student := self._student(found)):
                    again = _AGAIN.search(Path(found.file).stem)
                    number = int(again[2] or again[3]) if again else 0
                    ages[student, self._notebook(found)].append((found.time, found.version, number, other))
            self._chosen = {key: max(files)[-1] for key, files in ages.items()}
        return self._chosen


def _plain(name):
    """A full name as Moodle puts it into file names, in one case."""
    text = _MOODLE_DROPS.sub("", unicodedata.normalize("NFC", name).replace("_", " "))
    return " ".join(text.split()).casefold()
