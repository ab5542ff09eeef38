"""Shows where the time of `course grade` goes, stage by stage, beside what a submission's own cells cost."""

import argparse
import contextlib
import functools
import json
import os
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path
from unittest import mock

import matplotlib
import torch
from grading import EXERCISE, cpu, lay_out, program, run, submissions, without_experiments
from rich.console import Console
from rich.table import Table

from autograder import course
from autograder.classroom import run as classroom_run
from autograder.classroom import submissions as handed_in
from autograder.classroom.folder import CourseFolder, course_in
from autograder.classroom.nbgrader_seam.recorder import Recorder
from autograder.classroom.pool import Judged
from autograder.course import build
from autograder.judging import basis, judge
from autograder.judging.fence.sandbox import Sandbox
from autograder.judging.fence.student import Student

# What is timed as which stage, without what another one in it takes.
STAGES = {
    "read it, find its key": [(handed_in, "find")],
    "put it into the exercise's shape": [(judge, "repair")],
    "start a walled process": [(Sandbox, "session")],
    "run the cells that count": [(Student, "run_cells")],
    "wait for the hidden tests' probes": [(Student, "probe")],
    "compare with the reference": [(judge, "hear")],
    "look for forbidden calls and known mistakes": [(judge, "_results")],
    "judge, all else": [(judge, "_judge")],
    "write the gradebook and the notebook": [(Recorder, "start")],
}
OWN, FIXED = "its own cells", 100  # ms
TO = Path(__file__).parent / "results" / "stages.json"


def main():
    """Measure, show and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=60, help="size of the class (default: %(default)s)")
    options = parser.parse_args()
    torch.set_num_threads(1)
    load = round(os.getloadavg()[0], 2)
    with tempfile.TemporaryDirectory() as folder:
        taken = measure(Path(folder), options.students)
    each = {stage: round(1000 * seconds / options.students, 1) for stage, seconds in taken.items()}
    results = {
        "exercise": EXERCISE,
        "students": options.students,
        "milliseconds": {stage: each[stage] for stage in STAGES},
        "total": round(sum(each[stage] for stage in STAGES), 1),
        OWN: each[OWN],
        "allowed": round(1.25 * each[OWN] + FIXED, 1),
        "machine": cpu(),
        "load_before": load,
        "versions": basis.versions(),
    }
    show(results)
    TO.parent.mkdir(parents=True, exist_ok=True)
    TO.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    plot(results, TO.with_suffix(".png"))
    print(f"Written to {TO} and {TO.with_suffix('.png').name}")


def measure(folder: Path, students: int) -> Counter:
    """Seconds by stage: one submission after the other, so that the clock on the wall counts all processes' work."""
    answers = map(without_experiments, submissions(students, 0))
    lay_out(folder, without_experiments(build.source_notebook(EXERCISE)), answers)
    shutil.copy(course.ROOT / "nbgrader_config.py", folder)
    run([program("nbgrader"), "generate_assignment", EXERCISE], folder)
    taken: Counter = Counter()
    with Sandbox() as sandbox:
        place = course_in(folder)
        judged = list(judge_all(place, sandbox))  # untimed: what mistakes give is kept from now on
        with timed(taken):
            judged = list(judge_all(place, sandbox))
        started = time.perf_counter()
        for one in judged:
            run_own_cells(sandbox, one.notebook)
        taken[OWN] = time.perf_counter() - started - students * empty(sandbox)
    with classroom_run.locked(place.state), classroom_run.logged(place.state) as log, timed(taken):
        assert not Recorder(place, "", log).record(judged)
    return taken


def judge_all(place: CourseFolder, sandbox: Sandbox):
    """Judge all that was handed in, one after the other."""
    for one in handed_in.find(place):
        yield Judged(one, *judge.judge_given(one.given, one.exercise, sandbox, place.settings.seconds))


@contextlib.contextmanager
def timed(taken: Counter):
    """Count each stage's seconds, without those of the stages in it."""
    inner = [0.0]

    def counted(stage, function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            started = time.perf_counter()
            inner.append(0.0)
            try:
                return function(*args, **kwargs)
            finally:
                whole = time.perf_counter() - started
                taken[stage] += whole - inner.pop()
                inner[-1] += whole

        return wrapper

    with contextlib.ExitStack() as stack:
        for stage, places in STAGES.items():
            for owner, name in places:
                stack.enter_context(mock.patch.object(owner, name, counted(stage, getattr(owner, name))))
        yield


def run_own_cells(sandbox: Sandbox, notebook) -> None:
    """Run all of a notebook's code but its experiments, visible checks too, in a warm process."""
    cells = [cell for cell in without_experiments(notebook).cells if cell.cell_type == "code"]
    session = sandbox.session(code="\n".join(cell.source for cell in cells))
    for cell in cells:
        session.ask({"do": "cell", "name": cell.id, "source": cell.source, "seconds": 30}, 35)
    session.end()


def empty(sandbox: Sandbox, times: int = 50) -> float:
    """Seconds that a process costs in which nothing is run."""
    started = time.perf_counter()
    for _ in range(times):
        sandbox.session().end()
    return (time.perf_counter() - started) / times


def show(results: dict) -> None:
    """Print the results as a table."""
    title = f"{results['students']} submissions of {EXERCISE}, one after the other, on {results['machine']}"
    table = Table("stage", "ms a submission", title=title)
    for stage, each in results["milliseconds"].items():
        table.add_row(stage, f"{each:.1f}")
    table.add_row("all", f"{results['total']:.1f}", style="bold")
    table.add_row(f"{OWN} (visible checks too), warm", f"{results[OWN]:.1f}")
    table.add_row(f"1.25 times that, and {FIXED} ms", f"{results['allowed']:.1f}")
    Console().print(table)


def plot(results: dict, path: Path) -> None:
    """Draw the stages as bars."""
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    stages = dict(reversed(results["milliseconds"].items()))
    fig, ax = plt.subplots(figsize=(8, 4), layout="constrained")
    bars = ax.barh(list(stages), list(stages.values()), color="#0072B2")
    ax.bar_label(bars, fmt="%.0f ms", padding=4)
    ax.margins(x=0.12)
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_xlabel("milliseconds of one submission")
    own = f"its own cells take {results[OWN]:.0f} ms"
    fig.suptitle(f"Where the {results['total']:.0f} ms of a submission go; {own}", x=0.01, ha="left")
    fig.savefig(path, dpi=120, metadata={"Software": None})


if __name__ == "__main__":
    main()
