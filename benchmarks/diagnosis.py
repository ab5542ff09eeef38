"""Measures what naming the mistake costs a failing submission: with nothing kept, from the disk, and from memory."""

import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograder import course
from autograder.judging import basis, diagnosis
from autograder.judging.hidden_tests import collecting, memo
from autograder.judging.hidden_tests.reference import namespace, ours
from autograder.judging.hidden_tests.running import attempt
from autograder.proof import zoo

STATES = ["nothing kept", "kept on disk", "kept in memory"]
TO = Path(__file__).parent / "results" / "diagnosis.json"


def main():
    """Measure, show and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("exercises", nargs="*", default=["ex02_xavier", "ex04_batch_norm"])
    parser.add_argument(
        "--every", type=int, default=4, help="take every so manieth wrong answer (default: %(default)s)"
    )
    options = parser.parse_args()
    results = {"load_before": os.getloadavg()[0], "versions": basis.versions()}
    results["exercises"] = {name: measure(name, options.every) for name in options.exercises}
    table = Table(
        "exercise", "failing submissions", *STATES, title="Processor's milliseconds to name the mistakes, median"
    )
    for name, found in results["exercises"].items():
        table.add_row(name, str(found["submissions"]), *(f"{found['median_ms'][state]:.1f}" for state in STATES))
    Console().print(table)
    TO.parent.mkdir(parents=True, exist_ok=True)
    TO.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(f"Written to {TO}")


def measure(name: str, every: int) -> dict:
    """The medians over wrong answers of both kinds, each with the seeds of another variant than the one before."""
    answers = [course.answer_with(name, wrong) for wrong in course.misconceptions(name)]
    answers += [{answer.solution: answer.source} for answer in zoo.wrong_answers(name)]
    taken = {state: [] for state in STATES}
    for number, answer in enumerate(answers[::every]):
        with tempfile.TemporaryDirectory() as folder:
            memo.FOLDER = Path(folder)
            heard = hear(name, answer, number % collecting.VARIANTS)
            for state in STATES:
                if state != "kept in memory":
                    diagnosis.replay.cache_clear()
                started = time.process_time()
                for task in heard.values():
                    diagnosis.find(task)
                taken[state].append(1000 * (time.process_time() - started))
    medians = {state: round(statistics.median(times), 2) for state, times in taken.items()}
    return {
        "submissions": len(answers[::every]),
        "median_ms": medians,
        "most_ms": {s: round(max(t), 2) for s, t in taken.items()},
    }


def hear(name: str, answer: dict[str, str], variant: int) -> dict[str, list]:
    """By task, what the hidden tests record of an answer, on this side of the fence."""
    names = namespace(name, answer)
    heard = {}
    for test in collecting.tests(name, variant):
        record, _ = attempt(test, ours(names, test.seed))
        heard.setdefault(test.task, []).append((test, record))
    return heard


if __name__ == "__main__":
    main()
