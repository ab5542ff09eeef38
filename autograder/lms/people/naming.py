"""The names that Canvas, Moodle and Blackboard give to what students handed in, in "download all submissions".

Source: Canvas's lib/content_zipper.rb, Moodle's mod/assign/classes/downloader.php, Blackboard's help.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path

# The name without blanks and marks, LATE, the student's number, the file's number, the file.
_CANVAS = re.compile(r"\w*?_(LATE_)?(?P<student>\d+)_(?P<version>\d+)_(?P<file>.+)")
# The full name, a number that only this assignment knows, the kind of hand-in: a folder's name, or before the file's.
_MOODLE = re.compile(r"(?P<student>[^_]+)_(?P<number>\d+)_assignsubmission_file(_(?P<file>[^/]+)|_?)/?")
# The assignment's title and the user name, which may both have underscores; the time of the attempt; the file.
_BLACKBOARD = re.compile(r"(?P<student>.+)_attempt_(?P<day>[\d-]{10})-(?P<time>\d\d-\d\d-\d\d)_(?P<file>.+)")
# What browsers and Canvas add where a name is taken: `-1`, ` (2)`.
AGAIN = re.compile(r"(-(\d+)| ?\((\d+)\))$")
_MOODLE_DROPS = re.compile(r"""[\x00-\x1f&<>"`|':\\/]""")
# How a site puts first and last names together is its own choice, "Last, First" among them.
_BETWEEN_NAMES = re.compile(r"[\s_,]+")


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


def again(name: str) -> int:
    """The number that a name got because it was taken; 0 for none."""
    found = AGAIN.search(Path(name).stem)
    return int(found[2] or found[3]) if found else 0


def plain(name: str) -> str:
    """A full name as Moodle puts it into file names, in one case and without commas."""
    text = _MOODLE_DROPS.sub("", unicodedata.normalize("NFC", name))
    return _BETWEEN_NAMES.sub(" ", text).strip().casefold()
