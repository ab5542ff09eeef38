"""Judges mutants on this side of the fence: a process each, up to the first hidden test that it fails."""

import functools
import math
import multiprocessing
import os
import resource
import sys
import time
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from multiprocessing.connection import wait

from autograder import CourseError, course
from autograder.judging.hidden_tests import collecting
from autograder.judging.hidden_tests.reference import namespace, ours
from autograder.judging.hidden_tests.running import attempt
from autograder.proof.mutants.making import Mutant

_SURVIVED = 86  # an exit status of its own: what a mutant makes of the process must not look like it
_PATIENCE, _AT_LEAST = 5, 2  # a mutant may take so many times the reference's processor time, and so many seconds
_MEMORY = 4 << 30
_BUSY = 10  # on a busy machine a second of processor time can take so many


def judged(mutants: Iterable[Mutant], jobs: int) -> Iterator[tuple[Mutant, bool]]:
    """Each mutant as it is done with, and whether it survives: passes all hidden tests of its solution's tasks.

    One that takes far more time or memory than the reference is killed, as a submission would be.
    """
    fork, running = multiprocessing.get_context("fork"), {}
    for mutant in mutants:
        tests, seconds = _tests(mutant.exercise, mutant.edit.solution)
        process = fork.Process(target=_run, args=(mutant, tests, math.ceil(seconds)), daemon=True)
        process.start()
        running[process.sentinel] = process, mutant, time.monotonic() + _BUSY * seconds
        while len(running) >= jobs:
            yield from _ended(running)
    while running:
        yield from _ended(running)


def _ended(running):
    """Those of the running that are over, or over their time."""
    first = min(deadline for _, _, deadline in running.values())
    done = wait(list(running), max(0, first - time.monotonic()))
    late = [sentinel for sentinel, (_, _, deadline) in running.items() if deadline <= time.monotonic()]
    for sentinel in {*done, *late}:
        process, mutant, _ = running.pop(sentinel)
        process.kill()
        process.join()
        yield mutant, process.exitcode == _SURVIVED


def _run(mutant, tests, seconds):
    for stream in (1, 2):  # numpy warns, and LAPACK writes past Python's own streams
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    names = namespace(mutant.exercise, {mutant.edit.solution: mutant.source})
    if all(attempt(test, ours(names, test.seed))[0].passed for test in tests):
        sys.exit(_SURVIVED)


@functools.cache
def _tests(name, solution):
    """The hidden tests of a solution's tasks, quick ones first, and the seconds of processor time for all of them."""
    tasks = {task.name for task in course.exercise(name).tasks_of(solution)}
    took = {test: _seconds(test) for test in _seeded(name) if test.task in tasks}
    return sorted(took, key=took.get), _AT_LEAST + _PATIENCE * sum(took.values())


def _seeded(name):
    """The hidden tests with seeds that are the same on every machine, as the list of survivors has to be."""
    return [replace(test, seed=zlib.crc32(test.name.encode())) for test in collecting.tests(name, 0)]


def _seconds(test):
    """How long the reference takes; what it is asked is kept from now on, for all mutants."""
    right = ours(namespace(test.exercise, {}), test.seed)
    attempt(test, right)
    start = time.process_time()
    if error := attempt(test, right)[1]:
        raise CourseError(f"the reference fails {test.name} ({error}): see `course check {test.exercise}`")
    return time.process_time() - start
