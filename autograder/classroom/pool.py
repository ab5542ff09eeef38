"""Judges many submissions at once: by processes of this machine, or by a Dask cluster; both call the same function."""

import contextlib
import importlib
import json
import multiprocessing
import socket
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass

from nbformat import NotebookNode, from_dict

from autograder import CourseError
from autograder.classroom.folder import CourseFolder
from autograder.classroom.submissions import Submission
from autograder.judging import basis, secret
from autograder.judging.fence.sandbox import SandboxError, shared
from autograder.judging.fence.settings import Settings
from autograder.judging.fence.worker import jail
from autograder.judging.intake.given import Given
from autograder.judging.verdict import Verdict, from_json

_AHEAD = 8  # submissions under way for each job: enough that none waits for the writer, few enough to hold in memory

# Hidden tests draw from the global generators, and a cluster's worker may have several threads.
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Work:
    """One submission on its way to be judged, as plain data; `basis` is what its verdict will rest on."""

    exercise: str
    given: Given
    settings: Settings
    secret: str
    basis: dict[str, str]


def judge_work(work: Work) -> tuple[str, str]:
    """The verdict and the judged notebook as JSON; raises CourseError where this machine would judge otherwise."""
    here = basis.basis(work.exercise, work.settings)
    if different := {name for name in work.basis | here if work.basis.get(name) != here.get(name)}:
        lines = [f"{name} is {here.get(name)} there and {work.basis.get(name)} here" for name in sorted(different)]
        raise CourseError(f"{socket.gethostname()} would judge otherwise: {'; '.join(lines)}: install the same on both")
    secret.use(work.secret)
    try:
        return _judge(work)
    except SandboxError:
        # The server may have been killed; where a new one cannot be had either, nobody can be judged.
        shared.cache_clear()
        return _judge(work)


def _judge(work):
    from autograder.judging.judge import judge_given

    with _one_at_a_time:
        verdict, notebook = judge_given(work.given, work.exercise, shared(work.settings), work.settings.seconds)
    return verdict.to_json(), json.dumps(notebook)


@contextlib.contextmanager
def executor(settings: Settings, jobs: int, scheduler: str | None = None) -> Iterator[Executor]:
    """Processes of this machine, or the Dask cluster whose scheduler is at an address such as tcp://host:8786."""
    if scheduler:
        from distributed import Client

        try:
            client = Client(scheduler, timeout=10, set_as_default=False)
        except (OSError, ValueError) as error:
            raise CourseError(f"there is no Dask scheduler at {scheduler}: start one with `dask scheduler`") from error
        with client, client.get_executor(pure=False) as cluster:
            yield cluster
    else:
        # All of them share one server, which warms up while this process loads the judge, once for all of them.
        server = shared(settings)
        importlib.import_module("autograder.judging.judge")
        server.ready()
        context = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(jobs, context, initializer=jail.die_with_parent) as processes:
            yield processes


@dataclass(frozen=True)
class Judged:
    """A submission with its verdict and its notebook."""

    submission: Submission
    verdict: Verdict
    notebook: NotebookNode


def judged(submissions: Iterable[Submission], place: CourseFolder, runs: Executor, jobs: int) -> Iterator[Judged]:
    """Each submission with its verdict, as soon as that is known: kept ones first, and new ones are kept."""
    unknown = []
    for one in submissions:
        if kept := place.store.get(one.key):
            yield Judged(one, *kept)
        else:
            unknown.append(one)
    for one, future in _scheduled(unknown, place.settings, runs, jobs):
        verdict, notebook = _result(future)
        verdict.key = one.key
        if not verdict.failure:
            place.store.put(one.key, verdict, notebook)
        yield Judged(one, verdict, notebook)


def _scheduled(submissions, settings, runs, jobs) -> Iterator[tuple[Submission, Future]]:
    """Each submission and its future when that is done, in the order in which they are done."""
    waiting: dict[Future, Submission] = {}
    for one in submissions:
        work = Work(one.exercise, one.given, settings, secret.get(), basis.basis(one.exercise, settings))
        waiting[runs.submit(judge_work, work)] = one
        if len(waiting) >= _AHEAD * jobs:
            yield from _done(waiting)
    while waiting:
        yield from _done(waiting)


def _done(waiting):
    for future in wait(waiting, return_when=FIRST_COMPLETED).done:
        yield waiting.pop(future), future


def _result(future: Future) -> tuple[Verdict, NotebookNode]:
    """What `judge_work` gave, as objects; raises CourseError where a process ended or another machine differs."""
    try:
        verdict, notebook = future.result()
    except BrokenExecutor as error:
        raise CourseError(
            "a judging process was killed, perhaps for want of memory: run this again, with fewer --jobs; what is "
            "judged already stays"
        ) from error
    return from_json(verdict), from_dict(json.loads(notebook))
