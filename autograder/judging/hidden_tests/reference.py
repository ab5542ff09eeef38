"""The two sides that a hidden test speaks to where they run in this process: the reference, and answers of our own."""

import contextlib
import functools
import random
from collections.abc import Callable, Mapping

import numpy as np
import torch

from autograder import course
from autograder.course.model import Misconception
from autograder.judging.fence.student import StudentError
from autograder.judging.fence.worker import probes, wire
from autograder.judging.hidden_tests.memo import kept
from autograder.judging.hidden_tests.probe import source_of

# Probes run here as they run in the sandbox; more threads than cores only wait for each other.
torch.set_num_threads(1)


def reference(exercise: str, seed: int) -> Callable:
    """What `reference` is to a test, computed once and kept: values pass through the same bytes as a student's."""

    def ask(probe, *args):
        asked = wire.encode([source_of(probe.__code__), seed, list(args)])
        return kept(exercise, asked, lambda: _ask(namespace(exercise, {}), seed, probe, *args))

    return ask


def ours(names: dict, seed: int) -> Callable:
    """What `student` is to a test, for names of our own: an error becomes the one that a student's would be."""

    def ask(probe, *args):
        try:
            return _ask(names, seed, probe, *args)
        except Exception as error:
            known = probes.describe_error(error)
            raise StudentError(known["type"]) from None

    return ask


def _ask(names, seed, probe, *args):
    with _kept_generators():
        return _through_wire(probes.call(source_of(probe.__code__), names, _through_wire(list(args)), seed + 1))


@functools.cache
def mistaken(exercise: str, wrong: Misconception) -> dict:
    """The names of the reference with a misconception in it."""
    return namespace(exercise, course.answer_with(exercise, wrong))


def namespace(exercise: str, answers: Mapping[str, str]) -> dict:
    """The names of the reference, with the solution cells in `answers` run once more on top."""
    names = dict(_reference(exercise))
    for solution, source in answers.items():
        exec(compile(source, f"<{solution}>", "exec"), names)
    return names


@functools.cache
def _reference(exercise):
    return course.exercise(exercise).module().__dict__


def _through_wire(value):
    return wire.from_frame(wire.encode(value))


@contextlib.contextmanager
def _kept_generators():
    """A probe seeds the global generators of its process; what the test draws afterwards must not follow from that."""
    states = random.getstate(), np.random.get_state(), torch.get_rng_state()
    try:
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
        torch.set_rng_state(states[2])
