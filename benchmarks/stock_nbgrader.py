"""Measures `nbgrader autograde` with this package against stock nbgrader, on the same class, tests and core."""

import argparse
import json
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import matplotlib
import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook
from rich.console import Console
from rich.table import Table

from autograder import build, course, hearing, judge, zoo

EXERCISE = "ex04_batch_norm"
HERE = Path(__file__).parent
STOCK, OURS = "stock nbgrader", "with the autograder"


def main():
    """Measure, show and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=50, help="size of the class (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=2, help="times that each side grades it (default: %(default)s)")
    parser.add_argument("--to", type=Path, default=HERE / "results" / "stock_nbgrader.json", metavar="FILE")
    options = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    if (load := os.getloadavg()[0]) > 1:
        print(f"The machine is busy (load {load:.1f}): the times will be too long, and the ratio is less certain.")
    with tempfile.TemporaryDirectory() as folder:
        results = measure(Path(folder), options.students, options.rounds)
    show(results)
    options.to.parent.mkdir(parents=True, exist_ok=True)
    options.to.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    plot(results, options.to.with_suffix(".png"))
    print(f"Written to {options.to} and {options.to.with_suffix('.png').name}")


def measure(folder: Path, students: int, rounds: int) -> dict:
    """Grade the class on both sides in turns; all that is worth keeping, as plain data."""
    load = round(os.getloadavg()[0], 2)
    courses = {STOCK: folder / "stock", OURS: folder / "ours"}
    answers = submissions(students)
    lay_out(courses[STOCK], stock(build.source_notebook(EXERCISE), hidden_cells()), map(stock, answers))
    lay_out(courses[OURS], without_experiments(build.source_notebook(EXERCISE)), map(without_experiments, answers))
    shutil.copy(course.ROOT / "nbgrader_config.py", courses[OURS])
    seconds, scores = {STOCK: [], OURS: []}, {}
    for side in courses:
        nbgrader("generate_assignment", courses[side])
        # Untimed, so that both find the libraries in the page cache.
        grade(courses[side], folder / "warm-up", "--student=student01")
    for number in range(rounds):
        for side in [STOCK, OURS][:: -1 if number % 2 else 1]:
            taken, scores[side] = grade(courses[side], folder / "round")
            seconds[side].append(round(taken, 2))
            print(f"round {number + 1}: {side} took {taken:.1f} s", flush=True)
    return summary(students, seconds, scores) | {"load_before": load}


def submissions(students: int) -> list[NotebookNode]:
    """The class: the reference, the right answers and the misconceptions in turns; no two notebooks are the same."""
    kinds: list[Callable[[], NotebookNode]] = [lambda: zoo.reference(EXERCISE)]
    kinds += [lambda style=style: zoo.right(EXERCISE, style) for style in zoo.right_answers(EXERCISE)]
    kinds += [lambda wrong=wrong: zoo.wrong(EXERCISE, wrong) for wrong in course.misconceptions(EXERCISE)]
    random.Random(0).shuffle(kinds)
    answers = [kinds[number % len(kinds)]() for number in range(students)]
    for number, notebook in enumerate(answers, 1):
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("solution"):
                cell.source += f"\n# The answer of student {number}."
    return answers


def without_experiments(notebook: NotebookNode) -> NotebookNode:
    """The notebook with the cells that count for a grade: neither side trains networks."""
    notebook = nbformat.from_dict(notebook)
    notebook.cells = [cell for cell in notebook.cells if not course.is_notebook_only(cell)]
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
    tests = hearing.path(EXERCISE).read_text(encoding="utf-8").replace("from pytest import mark\n", "")
    reference = "\n\n".join(exercise.solutions.values()).replace(course.BEGIN, "").replace(course.END, "")
    scores = {task.name: f"_score({task.name!r}, {float(task.points)})" for task in exercise.tasks}
    first = exercise.tasks[0].name
    helpers = (HERE / "in_kernel.py").read_text(encoding="utf-8")
    scores[first] = "\n".join([helpers, tests, f"_define({reference!r})", scores[first]])
    return {task: f"### BEGIN HIDDEN TESTS\n{text}\n### END HIDDEN TESTS" for task, text in scores.items()}


def lay_out(folder: Path, source: NotebookNode, answers) -> None:
    """Write a course folder: the source notebook and one submission per student."""
    notebooks = {f"source/{EXERCISE}": source}
    notebooks |= {f"submitted/student{number:02}/{EXERCISE}": answer for number, answer in enumerate(answers, 1)}
    for path, notebook in notebooks.items():
        (folder / path).mkdir(parents=True)
        nbformat.write(notebook, folder / path / f"{EXERCISE}.ipynb")


def grade(prepared: Path, folder: Path, *options: str) -> tuple[float, dict[tuple[str, str], float]]:
    """Autograde a fresh copy of a course folder; the seconds by the clock on the wall, and the scores."""
    shutil.copytree(prepared, folder)
    started = time.perf_counter()
    nbgrader("autograde", folder, *options)
    taken = time.perf_counter() - started
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        scores = {
            (submission.student.id, grade.cell.name): grade.auto_score
            for submission in gradebook.assignment_submissions(EXERCISE)
            for notebook in submission.notebooks
            for grade in notebook.grades
        }
    shutil.rmtree(folder)
    return taken, scores


def nbgrader(command: str, folder: Path, *options: str) -> None:
    """Run one of nbgrader's commands on the exercise, with the configuration of its folder and no other."""
    programs = Path(sys.executable).parent
    environment = os.environ | {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "JUPYTER_CONFIG_DIR": str(folder / ".jupyter"),
        "IPYTHONDIR": str(folder / ".ipython"),
        "OMP_NUM_THREADS": "1",  # on one core more threads would only slow a side down
    }
    words = [programs / "nbgrader", command, EXERCISE, *options]
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"nbgrader {command} failed in {folder.name}:\n{done.stderr[-3000:]}")


def summary(students: int, seconds: dict, scores: dict) -> dict:
    """The measured numbers and what they were measured on."""
    median = {side: statistics.median(taken) for side, taken in seconds.items()}
    pairs = {key: (scores[STOCK].get(key), scores[OURS].get(key)) for key in sorted(scores[STOCK] | scores[OURS])}
    different = [
        {"student": student, "task": task, STOCK: stock, OURS: ours}
        for (student, task), (stock, ours) in pairs.items()
        if stock is None or ours is None or abs(stock - ours) > 0.011
    ]
    return {
        "exercise": EXERCISE,
        "students": students,
        "seconds": seconds,
        "seconds_per_submission": {side: round(taken / students, 3) for side, taken in median.items()},
        "ratio": round(median[STOCK] / median[OURS], 2),
        "scores": {"compared": len(pairs), "different": different},
        "machine": {"cpu": cpu(), "cores": os.cpu_count(), "cores_used": 1, "system": platform.system()},
        "versions": judge.versions(),
    }


def cpu() -> str:
    """The processor's name, where the system tells it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def show(results: dict) -> None:
    """Print the results as a table, and every score on which the two sides disagree."""
    title = f"{results['students']} submissions of {results['exercise']} on one core of {results['machine']['cpu']}"
    table = Table("", "seconds", "per submission", "times as fast", title=title)
    for side, ratio in [(STOCK, 1), (OURS, results["ratio"])]:
        taken = ", ".join(f"{seconds:.1f}" for seconds in results["seconds"][side])
        table.add_row(side, taken, f"{results['seconds_per_submission'][side]:.2f}", f"{ratio:.1f}")
    Console().print(table)
    scores = results["scores"]
    print(f"{scores['compared']} scores compared, {len(scores['different'])} differ")
    for line in scores["different"]:
        print("  ", *line.values())


def plot(results: dict, path: Path) -> None:
    """Draw the seconds per submission as two bars."""
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    fig, ax = plt.subplots(figsize=(7, 1.9), layout="constrained")
    seconds = results["seconds_per_submission"]
    bars = ax.barh([OURS, STOCK], [seconds[OURS], seconds[STOCK]], color=["#0072B2", "#999999"])
    ax.bar_label(bars, fmt="%.2f s", padding=4)
    ax.margins(x=0.12)
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_xlabel("seconds per submission, on one core")
    ax.set_title(f"{results['ratio']:.1f} times as fast, for a class of {results['students']}", loc="left")
    fig.savefig(path, dpi=120, metadata={"Software": None})


if __name__ == "__main__":
    main()
