"""Measures how long a class takes: stock nbgrader, otter, our `nbgrader autograde` and `course grade`, side by side.

All of them grade the same answers with the same tests on the same cores, in turns.
"""

import argparse
import contextlib
import importlib.util
import json
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import matplotlib
import nbformat
import psutil
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook
from rich.console import Console
from rich.table import Table

from autograder import course
from autograder.course import build
from autograder.course.model import BEGIN, END, is_notebook_only
from autograder.judging import basis
from autograder.proof import zoo

EXERCISE = "ex04_batch_norm"
HERE = Path(__file__).parent
STOCK, OTTER, OURS, GRADE = "stock nbgrader", "otter run", "our nbgrader autograde", "course grade"
SIDES = [STOCK, OTTER, OURS, GRADE]
# Both sides stop a cell that never ends; thirty seconds each would say nothing about grading.
CELL_SECONDS = 10


def main():
    """Measure, show and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=50, help="size of the class (default: %(default)s)")
    parser.add_argument("--hanging", type=int, default=0, help="how many of them never end (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=2, help="times that each side grades it (default: %(default)s)")
    parser.add_argument("--cores", type=int, default=1, help="cores that all sides have (default: %(default)s)")
    parser.add_argument("--side", action="append", choices=SIDES, help="only these; may be given more than once")
    parser.add_argument("--to", type=Path, metavar="FILE", help="the results (default: results/grading_CORES.json)")
    options = parser.parse_args()
    to = options.to or HERE / "results" / f"grading_{options.cores}.json"
    sides = options.side or [STOCK, OURS, GRADE] + [OTTER] * bool(importlib.util.find_spec("otter"))
    os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[: options.cores]))
    if (load := os.getloadavg()[0]) > 1:
        print(f"The machine is busy (load {load:.1f}): the times will be too long, and the ratios are less certain.")
    with tempfile.TemporaryDirectory() as folder:
        results = measure(Path(folder), sides, options)
    show(results)
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    plot(results, to.with_suffix(".png"))
    print(f"Written to {to} and {to.with_suffix('.png').name}")


def measure(folder: Path, sides: list[str], options: argparse.Namespace) -> dict:
    """Grade the class on each side in turns; all that is worth keeping, as plain data."""
    load = round(os.getloadavg()[0], 2)
    answers = submissions(options.students, options.hanging)
    prepared = {side: prepare(side, folder / side.replace(" ", "_"), answers) for side in sides}
    seconds, memory, again, scores = {side: [] for side in sides}, {side: [] for side in sides}, [], {}
    for side in sides:  # untimed, so that all find the libraries in the page cache
        grade(side, prepared[side], folder / "warm-up", "student0001")
        shutil.rmtree(folder / "warm-up")
    for number in range(options.rounds):
        for side in sides[:: -1 if number % 2 else 1]:
            with Memory() as peak:
                taken, scores[side] = grade(side, prepared[side], folder / "round")
            if side == GRADE:
                again.append(round(grade_again(folder / "round"), 2))
            shutil.rmtree(folder / "round")
            seconds[side].append(round(taken, 2))
            memory[side].append({"main": round(peak.main), "all": round(peak.all)})
            print(f"round {number + 1}: {side} took {taken:.1f} s", flush=True)
    return summary(options, seconds, scores) | {"seconds_again": again, "megabytes": memory, "load_before": load}


class Memory(threading.Thread):
    """Looks every other second at the memory of what this process has started: the most that was seen, in MB.

    `main` is the first process's, `all` that of all of them together; what several share is divided among them.
    """

    def __init__(self):
        super().__init__(daemon=True)
        self.main = self.all = 0.0
        self._over = threading.Event()

    def run(self):
        while not self._over.wait(2):
            children = psutil.Process().children()
            for child in children:
                found = [_megabytes(process) for process in [child, *_descendants(child)]]
                self.main, self.all = max(self.main, found[0]), max(self.all, sum(found))

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *error):
        self._over.set()
        self.join()


def _descendants(process):
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _megabytes(process):
    try:
        return process.memory_full_info().pss / 1e6
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0.0


def prepare(side: str, folder: Path, answers: list[NotebookNode]) -> Path:
    """The course folder of a side, released and handed in."""
    source = build.source_notebook(EXERCISE)
    if side in (STOCK, OTTER):
        lay_out(folder, stock(source, hidden_cells() if side == STOCK else None), map(stock, answers))
        timeout = f"c = get_config()\nc.ExecutePreprocessor.timeout = {CELL_SECONDS}\n"
        (folder / "nbgrader_config.py").write_text(timeout)
    else:
        lay_out(folder, without_experiments(source), map(without_experiments, answers))
        limits = f"c.JudgeSubmission.seconds_per_cell = {CELL_SECONDS}\nc.JudgeSubmission.seconds_per_probe = 5\n"
        limits += f"c.JudgeSubmission.seconds_per_submission = {2 * CELL_SECONDS}\n"
        config = (course.ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
        (folder / "nbgrader_config.py").write_text(config + limits)
    if side == OTTER:
        tests = folder / "tests"
        tests.mkdir()
        for task, text in otter_tests().items():
            (tests / f"{task}.py").write_text(text, encoding="utf-8")
        run([sys.executable, "-m", "otter", "generate", "-t", "tests", "-o", "autograder.zip"], folder)
    else:
        run([program("nbgrader"), "generate_assignment", EXERCISE], folder)
    return folder


def submissions(students: int, hanging: int) -> list[NotebookNode]:
    """The class: the reference, the right answers and the misconceptions in turns; no two notebooks are the same.

    The last `hanging` of them never end, in the answer to the last task.
    """
    kinds: list[Callable[[], NotebookNode]] = [lambda: zoo.reference(EXERCISE)]
    kinds += [lambda style=style: zoo.right(EXERCISE, style) for style in zoo.right_answers(EXERCISE)]
    kinds += [lambda wrong=wrong: zoo.wrong(EXERCISE, wrong) for wrong in course.misconceptions(EXERCISE)]
    random.Random(0).shuffle(kinds)
    answers = [kinds[number % len(kinds)]() for number in range(students)]
    for number, notebook in enumerate(answers, 1):
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("solution"):
                cell.source += f"\n# The answer of student {number}."
    for notebook in answers[students - hanging :]:
        last = [
            cell
            for cell in notebook.cells
            if cell.id == build.ANSWER.format(course.exercise(EXERCISE).tasks[-1].solution)
        ]
        last[0].source = "def fold_batch_norm(linear, batch_norm):\n    while True:\n        pass\n"
    return answers


def without_experiments(notebook: NotebookNode) -> NotebookNode:
    """The notebook with the cells that count for a grade: neither side trains networks."""
    notebook = nbformat.from_dict(notebook)
    notebook.cells = [cell for cell in notebook.cells if not is_notebook_only(cell)]
    return notebook


def stock(notebook: NotebookNode, hidden: dict[str, str] | None = None) -> NotebookNode:
    """The notebook as stock nbgrader needs it: each visible check in a cell of its own, then the hidden tests.

    The two are apart because a visible check that fails would take the partial credit with it.
    """
    notebook = without_experiments(notebook)
    cells = []
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cells.append(new_code_cell(cell.source, id=f"{cell.id}-check"))
            cell.source = (hidden or {}).get(cell.id, "")
        cells.append(cell)
    notebook.cells = cells
    return notebook


def hidden_cells() -> dict[str, str]:
    """By task, the text of its grade cell in stock nbgrader; the first one defines what all of them use."""
    exercise = course.exercise(EXERCISE)
    tests = course.hidden_tests(EXERCISE).read_text(encoding="utf-8").replace("from pytest import mark\n", "")
    reference = "\n\n".join(exercise.solutions.values()).replace(BEGIN, "").replace(END, "")
    scores = {task.name: f"_score({task.name!r}, {float(task.points)})" for task in exercise.tasks}
    first = exercise.tasks[0].name
    helpers = (HERE / "in_kernel.py").read_text(encoding="utf-8")
    scores[first] = "\n".join([helpers, tests, f"_define({reference!r})", scores[first]])
    return {task: f"### BEGIN HIDDEN TESTS\n{text}\n### END HIDDEN TESTS" for task, text in scores.items()}


def lay_out(folder: Path, source: NotebookNode, answers) -> None:
    """Write a course folder: the source notebook and one submission per student."""
    notebooks = {f"source/{EXERCISE}": source}
    notebooks |= {f"submitted/student{number:04}/{EXERCISE}": answer for number, answer in enumerate(answers, 1)}
    for path, notebook in notebooks.items():
        (folder / path).mkdir(parents=True)
        nbformat.write(notebook, folder / path / f"{EXERCISE}.ipynb")


def otter_tests() -> dict[str, str]:
    """By task, a test file in otter's form: one test case for each hidden test, so that credit is partial."""
    exercise = course.exercise(EXERCISE)
    texts = [(HERE / "in_kernel.py").read_text(encoding="utf-8")]
    texts.append(course.hidden_tests(EXERCISE).read_text(encoding="utf-8").replace("from pytest import mark\n", ""))
    solutions = "\n\n".join(exercise.solutions.values()).replace(BEGIN, "").replace(END, "")
    return {
        task.name: "\n".join(
            ["OK_FORMAT = False", "from otter.test_files import test_case", *texts, f"name = {task.name!r}",
             f"points = {float(task.points)}", f"_SOLUTIONS = {solutions!r}", _OTTER_CASES.format(task=task.name)]
        )
        for task in exercise.tasks
    }  # fmt: skip


# otter looks for its cases among the file's names; each closes over one hidden test.
_OTTER_CASES = """
def _case(number):
    @test_case(name=f"case {{number}}")
    def case(env):
        _enter(env, _SOLUTIONS)
        assert _nth({task!r}, number)
    return case


for _number in range(_count({task!r})):
    globals()[f"case_{{_number}}"] = _case(_number)
"""


def grade(side: str, prepared: Path, folder: Path, student: str = "") -> tuple[float, dict[tuple[str, str], float]]:
    """Grade a fresh copy of a course folder; the seconds by the clock on the wall, and the scores."""
    shutil.copytree(prepared, folder)
    started = time.perf_counter()
    if side == OTTER:
        scores = otter(folder, student or "*")
    else:
        command = [program("course"), "grade"] if side == GRADE else [program("nbgrader"), "autograde", EXERCISE]
        run(command + [f"--student={student}"] * bool(student), folder, (0, 1))
        scores = {}
    taken = time.perf_counter() - started
    if side != OTTER:
        with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
            scores = {
                (submission.student.id, grade.cell.name): grade.auto_score
                for submission in gradebook.assignment_submissions(EXERCISE)
                for notebook in submission.notebooks
                for grade in notebook.grades
            }
    return taken, scores


def grade_again(folder: Path) -> float:
    """The seconds of a second run, which finds nothing new."""
    started = time.perf_counter()
    run([program("course"), "grade"], folder, (0, 1))
    return time.perf_counter() - started


def otter(folder: Path, pattern: str) -> dict[tuple[str, str], float]:
    """Run otter on each notebook, as its command takes them: one at a time. One that never ends gets no score."""
    scores = {}
    for path in sorted(folder.glob(f"submitted/{pattern}/{EXERCISE}/{EXERCISE}.ipynb")):
        words = [sys.executable, "-m", "otter", "run", "-a", "autograder.zip", "--no-logo", "-o", path.parent, path]
        # otter has no limit of its own.
        with contextlib.suppress(subprocess.TimeoutExpired):
            run([str(word) for word in words], folder, seconds=3 * CELL_SECONDS)
            for test in json.loads((path.parent / "results.json").read_text())["tests"]:
                if "score" in test:  # the first entry is a summary
                    scores[path.parts[-3], test["name"]] = test["score"]
    return scores


def program(name: str) -> str:
    """One of the environment's programs."""
    return str(Path(sys.executable).parent / name)


def run(words: list[str], folder: Path, expected: tuple[int, ...] = (0,), seconds: float | None = None) -> None:
    """Run a command with the configuration of its folder and no other; raises TimeoutExpired after `seconds`."""
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "JUPYTER_CONFIG_DIR": str(folder / ".jupyter"),
        "IPYTHONDIR": str(folder / ".ipython"),
        "OMP_NUM_THREADS": "1",  # more threads than cores would only slow a side down
    }
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, timeout=seconds)
    if done.returncode not in expected:
        sys.exit(f"{' '.join(words)} failed in {folder.name}:\n{done.stderr[-3000:]}")


def summary(options: argparse.Namespace, seconds: dict, scores: dict) -> dict:
    """The measured numbers and what they were measured on."""
    median = {side: statistics.median(taken) for side, taken in seconds.items()}
    given = {
        which: {side: scores[side].get(which) for side in scores} for which in sorted(set().union(*scores.values()))
    }
    different = [
        {"student": student, "task": task, "scores": sides}
        for (student, task), sides in given.items()
        if None in sides.values() or max(sides.values()) - min(sides.values()) > 0.1
    ]
    return {
        "exercise": EXERCISE,
        "students": options.students,
        "hanging": options.hanging,
        "seconds": seconds,
        "seconds_per_submission": {side: round(taken / options.students, 3) for side, taken in median.items()},
        "times_as_fast_as_stock": {
            side: round(median[STOCK] / taken, 2) for side, taken in median.items() if STOCK in median
        },
        "scores": {"compared": len(given), "different": different},
        "machine": {"cpu": cpu(), "cores": os.cpu_count(), "cores_used": options.cores, "system": platform.system()},
        "versions": basis.versions(),
    }


def cpu() -> str:
    """The processor's name, where the system tells it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def show(results: dict) -> None:
    """Print the results as a table, and every score on which the sides disagree."""
    cores = results["machine"]["cores_used"]
    title = f"{results['students']} submissions of {results['exercise']} on {cores} of {results['machine']['cpu']}"
    columns = ["", "seconds", "per submission", "times as fast", "MB, first process", "MB, all"]
    table = Table(*columns, title=title)
    for side, taken in results["seconds"].items():
        each, ratio = results["seconds_per_submission"][side], results["times_as_fast_as_stock"].get(side, "")
        most = [str(max(one[which] for one in results["megabytes"][side])) for which in ("main", "all")]
        table.add_row(side, ", ".join(f"{one:.1f}" for one in taken), f"{each:.2f}", f"{ratio:.4}", *most)
    Console().print(table)
    if results["seconds_again"]:
        print(f"{GRADE} once more, with nothing new: {max(results['seconds_again']):.1f} s")
    scores = results["scores"]
    print(f"{scores['compared']} scores compared, {len(scores['different'])} differ")
    for line in scores["different"]:
        print("  ", *line.values())


def plot(results: dict, path: Path) -> None:
    """Draw the seconds per submission as bars."""
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    seconds = results["seconds_per_submission"]
    fig, ax = plt.subplots(figsize=(7, 0.8 + 0.45 * len(seconds)), layout="constrained")
    names = sorted(seconds, key=seconds.get)
    colors = ["#0072B2" if name in (OURS, GRADE) else "#999999" for name in names]
    ax.bar_label(ax.barh(names, [seconds[name] for name in names], color=colors), fmt="%.2f s", padding=4)
    ax.margins(x=0.12)
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_xlabel("seconds per submission")
    count, cores = results["students"], results["machine"]["cores_used"]
    ax.set_title(f"A class of {count} on {cores} core{'s' * (cores > 1)}", loc="left")
    fig.savefig(path, dpi=120, metadata={"Software": None})


if __name__ == "__main__":
    main()
