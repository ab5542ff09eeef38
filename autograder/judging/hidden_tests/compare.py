"""Compares what came back with what was expected, and says how they differ in bounded words."""

import numpy as np
import torch

from autograder.judging.hidden_tests.describe import DIGITS, difference, number, of

_TOLERANCE = {"float16": 1e-2, "bfloat16": 1e-2, "float32": 1e-4, "complex64": 1e-4}
_ABSOLUTE = {"float16": 1e-2, "bfloat16": 1e-2, "float32": 1e-5, "complex64": 1e-5}


class Mismatch(AssertionError):
    """An observed value is not the expected one; `observed` and `expected` are short texts for the feedback."""

    def __init__(self, message: str, observed: str = "", expected: str = ""):
        super().__init__(message)
        self.message, self.observed, self.expected = message, observed, expected


def assert_close(observed, expected, rtol: float | None = None, atol: float | None = None) -> None:
    """Raise Mismatch unless `observed` has the kind, shape, dtype, finiteness and, within tolerance, values expected.

    Kind and shape come first: an empty array is close to anything that it broadcasts with. The tolerances are
    1e-9 for float64 and Python's floats, 1e-4 relative and 1e-5 absolute for float32.
    """
    _compare(observed, expected, rtol, atol, "")


def _compare(observed, expected, rtol, atol, where):
    if _kind(observed) != _kind(expected):
        raise Mismatch(f"{where or 'the result'} is {_kind(observed)}, not {_kind(expected)}", show(observed))
    if isinstance(expected, torch.Tensor | np.ndarray):
        _compare_arrays(observed, expected, rtol, atol, where)
    elif isinstance(expected, dict):
        _compare_dicts(observed, expected, rtol, atol, where)
    elif isinstance(expected, list | tuple):
        _compare_lists(observed, expected, rtol, atol, where)
    elif isinstance(expected, float):
        _compare_arrays(np.float64(observed), np.float64(expected), rtol, atol, where)
    elif observed != expected:
        raise Mismatch(f"the value{of(where)} differs", *shown(observed, expected))


def _compare_dicts(observed, expected, rtol, atol, where):
    if list(map(str, sorted(observed, key=str))) != list(map(str, sorted(expected, key=str))):
        raise Mismatch(f"the keys{of(where)} differ", show(sorted(observed, key=str)))
    for key in expected:
        _compare(observed[key], expected[key], rtol, atol, f"{where}, {key}" if where else str(key))


def _compare_lists(observed, expected, rtol, atol, where):
    if len(observed) != len(expected):
        raise Mismatch(f"the length{of(where)} differs", f"{len(observed)} entries", f"{len(expected)} entries")
    if {type(entry) for entry in [*observed, *expected]} == {float}:
        return _compare_arrays(np.array(observed), np.array(expected), rtol, atol, where)
    for place, pair in enumerate(zip(observed, expected, strict=True), 1):
        _compare(*pair, rtol, atol, f"{where}, entry {place}" if where else f"result {place} of {len(expected)}")
    return None


def _compare_arrays(observed, expected, rtol, atol, where):
    if tuple(observed.shape) != tuple(expected.shape):
        raise Mismatch(f"the shape{of(where)} differs", _shape(observed), _shape(expected))
    if observed.dtype != expected.dtype:
        raise Mismatch(f"the dtype{of(where)} differs", str(observed.dtype), str(expected.dtype))
    name = str(expected.dtype).removeprefix("torch.")
    ours, theirs = _wide(observed), _wide(expected)
    rtol = _TOLERANCE.get(name, 1e-9) if rtol is None else rtol
    atol = _ABSOLUTE.get(name, 1e-9) if atol is None else atol
    close = np.isclose(ours, theirs, rtol=rtol, atol=atol, equal_nan=True)
    if not close.all():
        raise Mismatch(difference(ours, theirs, close, where), *shown(observed, expected))


def _wide(values):
    if isinstance(values, torch.Tensor):
        values = values.to(torch.complex128 if values.is_complex() else torch.float64).numpy()
    values = np.asarray(values)
    return values if values.dtype.kind == "c" else values.astype(np.float64)


def _kind(value):
    if value is None:
        return "None"
    names = {torch.Tensor: "a tensor", np.ndarray: "an array", bool: "a bool", int: "an int", float: "a float"}
    names |= {str: "a string", list: "a list", tuple: "a tuple", dict: "a dict"}
    return names[type(value)]


def _shape(value):
    return f"shape {tuple(value.shape)}"


def shown(observed, expected) -> tuple[str, str]:
    """Short texts for two values, with as many digits as it takes to see that they differ."""
    texts = ((show(observed, digits), show(expected, digits)) for digits in DIGITS)
    return next((pair for pair in texts if pair[0] != pair[1]), (show(observed), show(expected)))


def show(value, digits: int = DIGITS[0]) -> str:
    """A short text for a value: numbers at four digits, large things by their shape and first entries."""
    if isinstance(value, torch.Tensor | np.ndarray):
        wide = _wide(value)
        if wide.size <= 1:
            return number(wide.flat[0], digits) if wide.size else f"nothing, {_shape(value)}"
        rows = wide.reshape(-1, wide.shape[-1])[:4, :6]
        lines = ["  ".join(f"{number(entry, digits):>8}" for entry in row) for row in rows]
        cut = wide.size > rows.size
        return "\n".join([*lines, f"... {_shape(value)}"] if cut else lines)
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, int | float):
        return number(value, digits)
    return repr(value)[:200]
