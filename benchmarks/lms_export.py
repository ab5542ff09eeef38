"""Measures exporting a large class to every file target, and with --stock stock nbgrader's CSV of it."""

import argparse
import functools
import io
import json
import os
import random
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import sqlalchemy
from nbgrader.api import Grade, Gradebook, Student, SubmittedAssignment, SubmittedNotebook
from nbgrader.plugins import CsvExportPlugin
from rich.console import Console
from rich.table import Table

from autograder.lms.exporting import TARGETS, Selection, export, save

HERE = Path(__file__).parent
STOCK = "stock nbgrader's csv"
TASKS = 6


# nbgrader runs `alembic` by name, which is on the path only where the environment is activated.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


def main():
    """Measure, show and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=5000, help="size of the class (default: %(default)s)")
    parser.add_argument("--exercises", type=int, default=10, help="exercises in it (default: %(default)s)")
    parser.add_argument("--stock", action="store_true", help="stock nbgrader too: over a minute with 500 students")
    parser.add_argument("--to", type=Path, default=HERE / "results" / "lms_export.json", metavar="FILE")
    options = parser.parse_args()
    load = round(os.getloadavg()[0], 2)
    with tempfile.TemporaryDirectory() as folder:
        results = measure(Path(folder), options.students, options.exercises, options.stock)
    results |= {"students": options.students, "exercises": options.exercises, "load_before": load}
    show(results)
    options.to.parent.mkdir(parents=True, exist_ok=True)
    options.to.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def measure(folder: Path, students: int, exercises: int, stock: bool) -> dict:
    """Seconds by the clock on the wall and by the processor's, from a closed gradebook to files on the disk."""
    seconds = {}
    url = f"sqlite:///{folder / 'gradebook.db'}"
    with Gradebook(url) as book:
        fill(book, students, exercises)
        names = [assignment.name for assignment in book.assignments]
    for target, kind in TARGETS.items():
        with Gradebook(url) as book:
            # A worksheet is one assignment's, so that ten of them are ten exports.
            parts = [[name] for name in names] if target == "moodle-worksheet" else [names]
            given = [templates(book, part).get(target) for part in parts]
            to = folder / f"{target}.{kind.suffix}"
            seconds[target] = clock(functools.partial(write, book, to, target, parts, given))
        print(f"{target}: {seconds[target][0]:.2f} s", file=sys.stderr)
    if stock:
        plugin = CsvExportPlugin()
        plugin.to = str(folder / "stock.csv")
        with Gradebook(url) as book:
            seconds[STOCK] = clock(lambda: plugin.export(book))
    return {"seconds": {name: {"wall": round(wall, 2), "cpu": round(cpu, 2)} for name, (wall, cpu) in seconds.items()}}


def write(book, to: Path, target: str, parts: list[list[str]], given: list[bytes | None]) -> None:
    """Export and save each part; every grade has to be in the files."""
    for exercises, template in zip(parts, given, strict=True):
        made = export(book, target, Selection(exercises), template)
        assert made.changes and not made.left_out
        save(made, to)


def templates(book, exercises: list[str]) -> dict[str, bytes]:
    """The downloads of the systems that need one, as small as they may be."""
    students = [(student.id, student.lms_user_id, student.email) for student in book.students]
    worksheet = "Identifier,Email address,Grade,Maximum grade,Grade can be changed,Last modified (grade)\n"
    worksheet += "".join(f"Participant {number},{email},,{TASKS * 20},Yes,-\n" for _, number, email in students)
    blackboard = "\t".join(["Username", *(f"{name} [Total Pts: 120 Score] |{n}" for n, name in enumerate(exercises))])
    blank = "\t" * len(exercises)
    blackboard += "\n" + "".join(f"{student}{blank}\n" for student, _, _ in students)
    names = ",".join(f"name-{n:08},previous_override-{n:08},new_override-{n:08}" for n in range(len(exercises)))
    edx = f"user_id,username,course_id,{names}\n"
    edx += "".join(f"{number},{student},c,{',,,'.join(exercises)},,\n" for student, number, _ in students)
    users = "sourcedId,username,identifier,email\n" + "".join(f"{n},{s},,\n" for s, n, _ in students)
    classes, sessions = "sourcedId,title,schoolSourcedId\nc,c,s\n", "sourcedId,type\np,gradingPeriod\n"
    sis = zipped({"users.csv": users, "classes.csv": classes, "academicSessions.csv": sessions})
    texts = {"moodle-worksheet": worksheet, "blackboard": blackboard, "edx": edx}
    return {name: text.encode() for name, text in texts.items()} | {"oneroster": sis, "oneroster-1.1": sis}


def zipped(files: dict[str, str]) -> bytes:
    """The texts as one zip file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


def fill(book, students: int, exercises: int) -> None:
    """A graded class: every student has handed in every exercise."""
    rng = random.Random(0)
    names = [f"ex{number:02}" for number in range(1, exercises + 1)]
    for name in names:
        book.add_assignment(name)
        book.add_notebook(name, name)
        for task in range(TASKS):
            book.add_grade_cell(f"task_{task}", name, name, max_score=20, cell_type="code")
    people = [f"s{number:05}" for number in range(students)]
    insert(book, Student, [
        {"id": one, "first_name": "Ana", "last_name": f"Name {one}", "email": f"{one}@x.org", "lms_user_id": f"7{n:05}"}
        for n, one in enumerate(people)
    ])  # fmt: skip
    for assignment in book.assignments:
        [notebook] = assignment.notebooks
        keys = {one: f"{assignment.name}-{one}" for one in people}
        insert(book, SubmittedAssignment, [
            {"id": key, "assignment_id": assignment.id, "student_id": one} for one, key in keys.items()
        ])  # fmt: skip
        insert(book, SubmittedNotebook, [
            {"id": key, "assignment_id": key, "notebook_id": notebook.id, "flagged": False} for key in keys.values()
        ])  # fmt: skip
        insert(book, Grade, [
            {"id": f"{key}-{n}", "notebook_id": key, "cell_id": cell.id, "auto_score": rng.randint(0, 2000) / 100,
             "needs_manual_grade": False}
            for key in keys.values() for n, cell in enumerate(notebook.grade_cells)
        ])  # fmt: skip
    book.db.commit()


def insert(book, kind, rows: list[dict]) -> None:
    """Many rows of one table at once."""
    book.db.execute(sqlalchemy.insert(kind.__table__), rows)


def clock(action) -> tuple[float, float]:
    """Seconds by the clock on the wall and by the processor's."""
    wall, cpu = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - wall, time.process_time() - cpu


def show(results: dict) -> None:
    """Print the results as a table."""
    stock = results["seconds"].get(STOCK)
    title = f"{results['students']} students x {results['exercises']} exercises (load before: {results['load_before']})"
    table = Table("", "seconds", "of processor", "times as fast", title=title)
    for name, taken in results["seconds"].items():
        ratio = f"{stock['cpu'] / taken['cpu']:.1f}" if stock else ""
        table.add_row(name, f"{taken['wall']:.2f}", f"{taken['cpu']:.2f}", ratio)
    Console().print(table)


if __name__ == "__main__":
    main()
