"""Measures the class report: how long it takes to make, how large it is, and how it behaves in a browser.

The class is made up: verdicts with the course's own tasks, tests and misconceptions, of students who differ in ability.
"""

import argparse
import html
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from nbgrader.api import Grade as Score
from nbgrader.api import Gradebook, SubmittedAssignment, SubmittedNotebook

from autograder import course
from autograder.classroom import verdict_files
from autograder.judging.verdict import Mistake, TaskResult, TestResult, Verdict, share

HERE = Path(__file__).parent
COURSE = "initialization-normalization-regularization"
_ABSENT, _OPEN = 0.06, 0.02
# What a person does first: sort the heat map by each of five columns, and open every list. Each ends with a layout.
_SCRIPT = """<script>
  const now = () => performance.now();
  const timed = act => { const start = now(); act(); document.body.offsetHeight; return now() - start; };
  timed(() => {});
  const ready = now(), elements = document.querySelectorAll("*").length;
  const headings = [...document.querySelectorAll(".heat thead tr:last-child button")];
  const sort = Math.max(...[0, 1, 2, 10, 30].map(number => timed(() => headings[number % headings.length].click())));
  const open = timed(() => document.querySelectorAll("details").forEach(one => one.open = true));
  document.documentElement.dataset.measured = JSON.stringify({ready, sort, open, elements});
</script>"""


def main():
    """Make a class, measure, show and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=500, help="size of the class (default: %(default)s)")
    parser.add_argument("--folder", type=Path, help="keep the class there, or use the one that is there")
    options = parser.parse_args()
    # nbgrader runs `alembic` by name.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch)
        if not (folder / "gradebook.db").exists():
            make_class(folder, options.students)
        results = {"students": options.students, "exercises": len(course.names())} | measure(folder)
    path = HERE / "results" / "report.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    for name, number in results.items():
        print(f"{name:20} {number:g}")


def measure(folder: Path) -> dict[str, float]:
    """Seconds of the whole command with and without tables, the page's size in MB, and milliseconds in Chromium."""
    page = folder / "report.html"
    command = [sys.executable, "-c", "from autograder.cli import main; main()", "report"]
    command += ["--course-dir", str(folder), "--to", str(page)]
    found = {"load_before": round(os.getloadavg()[0], 1)}
    for name, options in [("seconds", []), ("seconds_with_csv", ["--csv", str(folder / "csv")])]:
        started, used = time.monotonic(), _processor_seconds()
        subprocess.run(command + options, check=True, stdout=subprocess.DEVNULL)
        found[name] = round(time.monotonic() - started, 2)
        found[f"processor_{name}"] = round(_processor_seconds() - used, 2)
    found["megabytes"] = round(page.stat().st_size / 1e6, 2)
    return found | in_browser(page)


def _processor_seconds():
    """Of the commands so far, which other programs disturb less than the clock on the wall."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def in_browser(page: Path) -> dict[str, float]:
    """Milliseconds until the page is laid out, for the slowest of five sorts, and for opening all lists at once."""
    probe = page.with_name("probe.html")
    probe.write_text(page.read_text(encoding="utf-8") + _SCRIPT, encoding="utf-8")
    chromium = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--window-size=1100,900"]
    done = subprocess.run([*chromium, "--dump-dom", probe.as_uri()], check=True, capture_output=True, text=True)
    measured = json.loads(html.unescape(re.search(r'data-measured="(.*?)"', done.stdout)[1]))
    return {f"browser_{name}": round(number) for name, number in measured.items()}


def make_class(folder: Path, students: int) -> None:
    """A gradebook and verdicts, as grading leaves them."""
    draw = random.Random(0)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "nbgrader_config.py").write_text(f"c = get_config()\nc.CourseDirectory.course_id = {COURSE!r}\n")
    abilities = {f"s{number:04}": draw.gauss(0, 0.18) for number in range(students)}
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", COURSE) as book:
        for number, student in enumerate(abilities):
            book.add_student(student, first_name=f"First{number % 37}", last_name=f"Lastname{number:04}")
        for name in course.names():
            cells = _cells(book, name)
            tests = _tests(name)
            submissions = []
            for student, ability in abilities.items():
                if draw.random() > _ABSENT:
                    verdict = _verdict(draw, name, tests, ability)
                    verdict_files.write(verdict, folder / "autograded" / student / name)
                    submissions.append(_submission(cells, student, verdict))
            book.db.add_all(submissions)
            book.db.commit()


def _cells(book, name):
    book.add_assignment(name)
    book.add_notebook(name, name)
    for task in course.exercise(name).tasks:
        book.add_grade_cell(task.name, name, name, max_score=float(task.points), cell_type="code")
    return {cell.name: cell for cell in book.find_notebook(name, name).grade_cells}


def _tests(name):
    """By task, the names of its hidden tests with the share of the class that passes each, made up."""
    text = (course.HIDDEN / f"test_{name}.py").read_text(encoding="utf-8")
    draw, found = random.Random(name), {}
    for task, test in re.findall(r'^@mark\.task\("(\w+)"\)\n(?:@.*\n)*def (test_\w+)', text, flags=re.M):
        found.setdefault(task, []).append((test, draw.uniform(0.4, 0.97)))
    return found


def _verdict(draw, name, tests, ability):
    status = "needs_review" if draw.random() < _OPEN else draw.choices(["graded", "crashed", "timeout"], [95, 3, 2])[0]
    known = course.misconceptions(name)
    tasks = []
    for task in course.exercise(name).tasks:
        shift = draw.gauss(ability, 0.15)
        results = [_result(draw, test, chance + shift) for test, chance in tests[task.name]]
        passed = sum(result.outcome == "passed" for result in results)
        tasks.append(TaskResult(task.name, float(task.points), share(task.points, passed, len(results)), results))
        wrong = [one for one in known if one.task == task.name]
        if passed < len(results) and draw.random() < 0.6:
            one = draw.choice(wrong)
            tasks[-1].mistakes = [Mistake(one.name, one.hint)]
    if status == "needs_review":
        tasks[0].points = None
    return Verdict(name, status, tasks, seconds=round(draw.lognormvariate(-0.5, 0.5), 3), key=f"{draw.random()}")


def _result(draw, test, chance):
    if draw.random() < chance:
        return TestResult(test, "passed")
    return TestResult(test, "failed", "the values differ at 12 of 28 entries", "[[0.12, 1.5]]", "[[0.10, 1.4]]")


def _submission(cells, student, verdict):
    """By keys, not by objects: nbgrader's would load each other again and again."""
    notebook = next(iter(cells.values())).notebook
    scores = [
        Score(cell_id=cells[task.name].id, auto_score=task.points, needs_manual_grade=task.points is None)
        for task in verdict.tasks
    ]
    notebooks = [SubmittedNotebook(notebook_id=notebook.id, grades=scores)]
    return SubmittedAssignment(assignment_id=notebook.assignment_id, student_id=student, notebooks=notebooks)


if __name__ == "__main__":
    main()
