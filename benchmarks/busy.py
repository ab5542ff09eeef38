"""Judges the demo's class on a quiet machine, then again and again beside busy loops, and compares the points."""

import argparse
import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

from grading import cpu
from rich.console import Console
from rich.table import Table

from autograder import course
from autograder.judging import basis
from autograder.judging.fence.sandbox import Sandbox
from autograder.judging.judge import judge
from autograder.proof.demo import SECONDS, roles

TO = Path(__file__).parent / "results" / "busy.json"


def main():
    """Measure, show and write the results; the exit status is 1 where anybody's points differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("exercises", nargs="*", help="such as ex04_batch_norm (default: all)", metavar="EXERCISE")
    parser.add_argument("--loops", type=int, default=6, help="busy loops beside it (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="times that all are judged (default: %(default)s)")
    parser.add_argument("--every", type=int, default=1, help="judge each so-manieth of the class (default: all)")
    options = parser.parse_args()
    names = options.exercises or course.names()
    with Sandbox() as sandbox:
        quiet = measure(sandbox, names, options.every)
        with busy(options.loops):
            rounds = [measure(sandbox, names, options.every) for _ in range(options.rounds)]
    results = {
        "loops": options.loops,
        "cores": os.cpu_count(),
        "machine": cpu(),
        "load_after": round(os.getloadavg()[0], 2),
        "submissions": len(quiet),
        "references": {name: [beside[name, 0][0] for beside in rounds] for name in names},
        "seconds_quiet": round(sum(one[2] for one in quiet.values()), 1),
        "seconds_busy": [round(sum(one[2] for one in beside.values()), 1) for beside in rounds],
        "differences": [differences(quiet, beside) for beside in rounds],
        "versions": basis.versions(),
    }
    show(results)
    TO.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    sys.exit(any(results["differences"]))


@contextlib.contextmanager
def busy(loops: int):
    """While it is entered, so many processes compute for nothing."""
    processes = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(loops)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def measure(sandbox: Sandbox, names: list[str], every: int) -> dict[tuple[str, int], tuple]:
    """By exercise and number: points, status and seconds of who hands something in; the reference comes first."""
    found = {}
    for name in names:
        for number, role in enumerate(list(roles(name))[::every]):
            if role.write:
                verdict, _ = judge(role.write(), name, sandbox, SECONDS)
                found[name, number] = verdict.points, verdict.status, verdict.seconds
    return found


def differences(quiet: dict, beside: dict) -> list[str]:
    """Who got other points, or another status, than on a quiet machine."""
    return [
        f"{name} {number}: {quiet[name, number][:2]} quiet, {one[:2]} busy"
        for (name, number), one in beside.items()
        if one[:2] != quiet[name, number][:2]
    ]


def show(results: dict) -> None:
    """Print the results as a table."""
    title = f"{results['submissions']} submissions beside {results['loops']} busy loops on {results['cores']} cores"
    table = Table("round", "seconds", "other points or status than quiet", title=title)
    table.add_row("quiet", f"{results['seconds_quiet']}", "")
    for number, (seconds, different) in enumerate(zip(results["seconds_busy"], results["differences"], strict=True), 1):
        table.add_row(str(number), f"{seconds}", "; ".join(different) or "nobody's")
    Console().print(table)
    for name, points in results["references"].items():
        print(f"{name}: the reference earns {', '.join(f'{one:g}' for one in points)}")


if __name__ == "__main__":
    main()
