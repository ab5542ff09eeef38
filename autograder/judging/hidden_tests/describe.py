"""Says how an array differs from the expected one of its shape: the nearest useful thing, in one bounded sentence."""

import math

import numpy as np

_SAME = {"rtol": 1e-4, "atol": 1e-12}
DIGITS = (4, 6, 9, 12, 17)  # the first at which two numbers that differ look different


@np.errstate(all="ignore")
def difference(observed: np.ndarray, expected: np.ndarray, close: np.ndarray, where: str) -> str:
    """How two arrays differ that are not `close` everywhere; `where` is the place of the whole in what came back."""
    finite = np.isfinite(observed)
    if not finite.all() and np.isfinite(expected).all():
        return f"{np.count_nonzero(~finite)} of {observed.size} entries{of(where)} are nan or infinite{_place(finite)}"
    if np.isrealobj(observed) and np.isfinite(expected).all():
        if observed.size > 2 and (relation := _relation(observed, expected)):
            return f"every entry{of(where)} {relation}"
        if _is_reordered(observed, expected):
            turned = (
                expected.ndim == 2 and expected.T.shape == observed.shape and np.allclose(observed, expected.T, **_SAME)
            )
            how = "rows and columns are exchanged" if turned else "they stand in another order"
            return f"the values{of(where)} are right, but {how}"
        wrong = np.count_nonzero(~close)
        if 2 < wrong < observed.size and (relation := _relation(observed[~close], expected[~close])):
            return f"every entry{of(where)} that differs, {wrong} of {observed.size}, {relation}{_place(close)}"
    return _farthest(observed, expected, close, where)


def _relation(observed, expected):
    """What holds for every entry: a factor, an offset or a power; "" if nothing does."""
    largest = np.argmax(np.abs(expected))
    ratio, offset = observed.flat[largest] / expected.flat[largest], observed - expected
    if np.count_nonzero(expected) > 2 and abs(ratio) > 1e-9 and _same(observed, ratio * expected, observed):
        if abs(ratio - 1) < 5e-4:
            return f"is too {'large' if ratio > 1 else 'small'} by {abs(ratio - 1):.1g} of what is expected"
        return "has the opposite sign" if abs(ratio + 1) < 1e-4 else f"is {ratio:.4g} times what is expected"
    if _same(offset, np.full_like(offset, offset.flat[0]), offset):
        return f"is off by {offset.flat[0]:+.4g}"
    if min(observed.min(), expected.min()) >= 0 and len(np.unique(expected)) > 2:
        if _same(observed, expected**2, observed):
            return "is the square of what is expected"
        if _same(observed**2, expected, expected):
            return "is the square root of what is expected"
    return ""


def _same(values, others, scale):
    """Whether all of them agree, the small ones and zeros as far as the largest of `scale` is rounded."""
    return bool(np.allclose(values, others, rtol=1e-4, atol=1e-9 * np.abs(scale).max()))


def _is_reordered(observed, expected):
    """Whether the same values stand elsewhere; a few values that come often say nothing."""
    few = len(np.unique(expected)) <= max(2, expected.size / 2)
    return not few and np.allclose(np.sort(observed, axis=None), np.sort(expected, axis=None), **_SAME)


def _farthest(observed, expected, close, where):
    at = np.unravel_index(np.argmax(np.where(close, -1, np.abs(observed - expected))), observed.shape)
    place = f" at {[int(i) for i in at]}" if observed.ndim else ""
    share = f"; {np.count_nonzero(~close)} of {observed.size} entries differ{_place(close)}" * (observed.size > 1)
    return f"{where + ': ' if where else ''}{' instead of '.join(differing(observed[at], expected[at]))}{place}{share}"


def _place(close):
    """The one row, column or other slice in which all differences lie; "" where they are spread, or only one."""
    if close.ndim < 2 or np.count_nonzero(~close) < 2:
        return ""
    axes = zip(np.nonzero(~close), close.shape, strict=True)
    slices = [str(axis[0]) if size > 1 and len(set(axis)) == 1 else ":" for axis, size in axes]
    return "" if set(slices) == {":"} else f", all of them in [{', '.join(slices)}]"


def of(where: str) -> str:
    """The place in the middle of a sentence."""
    return f" of {where}" if where else ""


def differing(observed, expected) -> tuple[str, str]:
    """Two numbers, with as many digits as it takes to see that they differ."""
    texts = ((number(observed, digits), number(expected, digits)) for digits in DIGITS)
    return next((pair for pair in texts if pair[0] != pair[1]), (number(observed), number(expected)))


def number(value, digits: int = DIGITS[0]) -> str:
    """A number at four digits, or more."""
    if isinstance(value, complex | np.complexfloating):
        return f"{value:.{digits}g}"
    value = float(value)
    whole = math.isfinite(value) and value == round(value) and abs(value) < 1e6
    return f"{value:.0f}" if whole else f"{value:.{digits}g}"
