"""OneRoster: line items and results for a student information system (SIS), as a zip of CSV files.

Source: 1EdTech's OneRoster CSV binding, read from public code for it: 1.1 from Microsoft's OneRosterProviderDemo (in
rjeike/OneRoster.Net, Serializers/CsvSerializer.cs and the models' CsvHeader), 1.2 from LongsightGroup/oneroster
(src/one-roster-csv-manifest.ts, -gradebook-schema.ts); not tried on a real system.
"""

import datetime
import functools
import io
import operator
import zipfile
from decimal import Decimal

from autograder import CourseError
from autograder.lms.table.template import require
from autograder.lms.table.text import Dialect, number, parse, render, respelled, safe
from autograder.lms.target import Change, File, Target, matched

_FILES = "academicSessions categories classes classResources courses courseResources demographics enrollments lineItems"
_FILES += " orgs resources results users"
_NEW_FILES = " lineItemLearningObjectiveIds lineItemScoreScales resultLearningObjectiveIds resultScoreScales roles"
_NEW_FILES += " scoreScales userProfiles userResources"
_ITEM = "sourcedId status dateLastModified title description assignDate dueDate classSourcedId categorySourcedId"
_RESULT = "sourcedId status dateLastModified lineItemSourcedId studentSourcedId scoreStatus score scoreDate comment"
_KEYS = {"sourcedId": ["lms_id"], "username": ["student"], "identifier": ["student", "lms_id"], "email": ["email"]}
_CATEGORY = "autograder"
# Zip files carry a date; a fixed one keeps the same grades the same bytes.
_DATE = (1980, 1, 1, 0, 0, 0)


class OneRoster(Target):
    """OneRoster 1.2: line items and results as a zip; the template is the zip with users and classes of the SIS."""

    name = "oneroster"
    suffix = "zip"
    per_exercise = False
    tells_tasks = True
    template = "required"
    version = "1.2"
    class_facts = ("sourcedId", "schoolSourcedId")
    files = (_FILES + _NEW_FILES).split()
    headers = {  # noqa: RUF012
        "categories": ["sourcedId", "status", "dateLastModified", "title", "weight"],
        "lineItems": f"{_ITEM} academicSessionSourcedId resultValueMin resultValueMax schoolSourcedId".split(),
        "results": f"{_RESULT} textScore classSourcedId inProgress incomplete late missing".split(),
    }

    def make(self, rows, maxima, template, replace):
        """Results of the template's students in its class and grading period, of which it may have one each."""
        given = _unpack(template)
        place = {
            "class": _only(given, "classes", self.class_facts),
            "period": _only(given, "academicSessions", ("sourcedId", "type"), "gradingPeriod"),
        }
        users = _table(given, "users", ("sourcedId",))
        pairs, left_out = matched(rows, users, _KEYS)
        changes = []
        for row, index in pairs:
            who = users[index]["sourcedId"]
            if reason := self.objection(row, [who, row.exercise]):
                left_out.append((row, reason))
            else:
                changes.append(Change(row, who, row.exercise))
        items = {change.column: change.row for change in changes}
        tables = {
            "categories": [{"sourcedId": _CATEGORY, "title": "Exercises"}],
            "lineItems": [self._item(row, **place) for row in items.values()],
            "results": [self._result(change, place["class"]) for change in changes],
        }
        lines = {name: self._lines(name, table) for name, table in tables.items()}
        return File(_pack({"manifest": self._manifest(), **lines}), changes, left_out)

    def read(self, data):
        """By student and line item's title, the scores that are fully graded; a manifest that lies is refused."""
        given = _unpack(data)
        manifest = {line["propertyName"]: line["value"] for line in _table(given, "manifest")}
        here = {name for name in self.files if manifest[f"file.{name}"] == "bulk"}
        if manifest["oneroster.version"] != self.version or here | {"manifest"} != set(given):
            raise CourseError("the manifest names other files than the zip holds")
        titles = {line["sourcedId"]: line["title"] for line in _table(given, "lineItems")}
        header, *results = parse(given["results"])[0]
        names = ("sourcedId", "studentSourcedId", "lineItemSourcedId", "score")
        facts = list(map(operator.itemgetter(*map(header.index, names)), results))
        if len({key for key, *_ in facts}) < len(facts):
            raise CourseError("two results have one sourcedId")
        return {(student, titles[item]): Decimal(score) for _, student, item, score in facts}

    def _manifest(self):
        kinds = {f"file.{name}": "bulk" if name in self.headers else "absent" for name in self.files}
        facts = {"manifest.version": "1.0", "oneroster.version": self.version, **kinds}
        return [["propertyName", "value"], *map(list, facts.items())]

    def _item(self, row, **place):
        day = _day(row.due)
        return {
            "sourcedId": row.exercise, "title": row.exercise, "assignDate": day, "dueDate": day,
            "classSourcedId": place["class"]["sourcedId"], "categorySourcedId": _CATEGORY,
            "gradingPeriodSourcedId": place["period"]["sourcedId"],
            "academicSessionSourcedId": place["period"]["sourcedId"],
            "resultValueMin": "0", "resultValueMax": number(row.max_points),
            "schoolSourcedId": place["class"].get("schoolSourcedId", ""),
        }  # fmt: skip

    def _result(self, change, where):
        return {
            "sourcedId": f"{change.row.exercise}:{change.who}", "lineItemSourcedId": change.row.exercise,
            "studentSourcedId": change.who, "scoreStatus": "fully graded", "score": number(change.row.points),
            "scoreDate": _day(change.row.due), "comment": safe(change.row.comment),
            "classSourcedId": where["sourcedId"],
        }  # fmt: skip

    def _lines(self, name, table):
        """The table in the columns of this version, which lacks some of the facts."""
        header = self.headers[name]
        blank = [""] * len(header)
        return [header, *(list(map(line.get, header, blank)) for line in table)]


class OneRoster11(OneRoster):
    """OneRoster 1.1: as 1.2, for systems that don't know it yet."""

    name = "oneroster-1.1"
    version = "1.1"
    class_facts = ("sourcedId",)
    files = _FILES.split()
    headers = {  # noqa: RUF012
        "categories": ["sourcedId", "status", "dateLastModified", "title"],
        "lineItems": f"{_ITEM} gradingPeriodSourcedId resultValueMin resultValueMax".split(),
        "results": _RESULT.split(),
    }


@functools.lru_cache(1000)
def _day(when):
    return (when or datetime.datetime.now()).date().isoformat()


def _unpack(data):
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [name for name in archive.namelist() if name.endswith(".csv")]
            return {name.removesuffix(".csv"): archive.read(name) for name in names}
    except zipfile.BadZipFile:
        raise CourseError("the template is no zip of CSV files: OneRoster's is the one that the SIS gives") from None


def _pack(tables):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, lines in tables.items():
            info = zipfile.ZipInfo(f"{name}.csv", _DATE)
            archive.writestr(info, render(lines, Dialect()), zipfile.ZIP_DEFLATED, compresslevel=1)
    return out.getvalue()


def _table(given, name, needed=()):
    if name not in given:
        raise CourseError(f"the zip has no {name}.csv: it must hold users, classes and academicSessions")
    header, *body = parse(given[name])[0]
    header = respelled(header, (*needed, *_KEYS))
    require(header, needed, "OneRoster asks for it", f"{name}.csv")
    return [dict(zip(header, line, strict=True)) for line in body]


def _only(given, name, needed, kind=""):
    lines = [line for line in _table(given, name, needed) if not kind or line["type"] == kind]
    if len(lines) != 1:
        raise CourseError(
            f"{name}.csv has {len(lines)} lines{f' of type {kind}' if kind else ''}, and must have one: "
            f"leave the others out ({', '.join(line['sourcedId'] for line in lines) or 'nothing there'})"
        )
    return {name: safe(cell) for name, cell in lines[0].items()}
