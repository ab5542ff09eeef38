"""What crosses the fence is plain data, and whatever else arrives is refused."""

import contextlib
import socket
import struct
import tracemalloc

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.judging.fence.worker import wire
from autograder.judging.hidden_tests.compare import assert_close

SCALARS = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=20)
ARRAYS = st.sampled_from(
    [
        torch.arange(6.0).reshape(2, 3),
        torch.zeros(0, 5),
        torch.tensor(3, dtype=torch.int64),
        torch.ones(2, dtype=torch.bfloat16),
        torch.tensor([True, False]),
        torch.tensor([1 + 2j]),
        np.arange(4, dtype=np.uint16),
        np.array(2.5),
        np.zeros((2, 0)),
        np.array([[1, 2], [3, 4]]).T,
    ]
)
VALUES = st.recursive(
    SCALARS | ARRAYS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3)
    ),
    max_leaves=12,
)


def through(value):
    frame = wire.encode(value)
    size = int.from_bytes(frame[:4], "big")
    return wire.decode(frame[8 : 8 + size], frame[8 + size :])


@given(VALUES)
def test_plain_data_comes_back_the_same(value):
    assert_close(through(value), value, rtol=0, atol=0)


@given(st.binary(max_size=200), st.binary(max_size=64))
@settings(max_examples=500)
def test_arbitrary_bytes_are_data_or_refused(header, body):
    with contextlib.suppress(wire.WireError):
        wire.decode(header, body)


@given(st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4), max_leaves=10), st.binary(max_size=32))
@settings(max_examples=500)
def test_arbitrary_trees_are_data_or_refused(tree, body):
    import json

    with contextlib.suppress(wire.WireError):
        wire.decode(
            json.dumps(["list", [tree, ["tensor", "float32", tree, 0], ["array", tree, [1], 0]]]).encode(), body
        )


MALFORMED = [
    b"", b"[]", b"{}", b"nul", b"\xff", b'"\\ud800"', b"9" * 5000, b"-" * 100, b'["list","abc"]', b'["dict",["ab"]]',
    b'["dict",[[["list",[]],1]]]', b'["set",[1]]', b'[["list",[]],[]]', b'["array","object",[1],0]',
    b'["tensor","float32",[9],0]',
    b'["tensor","float32",[-1],0]', b'["tensor","float32",[true],0]', b'["tensor","float32",[1],0,0]',
    b'["tensor",[],[1],0]',
    b'["tensor","float32",[0,9999999,9999999,9999999],0]', b'["array","float64",[0,9999999,9999999,9999999],0]',
]  # fmt: skip


@pytest.mark.parametrize("header", MALFORMED)
def test_what_nobody_sends_is_refused(header):
    with pytest.raises(wire.WireError):
        wire.decode(header, b"\0" * 8)


def test_bytes_that_are_no_truth_value_become_true():
    assert wire.decode(b'["tensor","bool",[3],0]', b"\0\1\7").tolist() == [False, True, True]


def test_a_frame_takes_no_more_memory_than_a_few_times_its_limit():
    header = b"[" + b"[]," * (wire.HEADER_BYTES // 3 - 1) + b"[]]"
    tracemalloc.start()
    for text in (header, b'["list",[' + b'"ab",' * (wire.HEADER_BYTES // 6) + b"1]]"):
        with pytest.raises(wire.WireError):
            wire.decode(text, b"")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30 * wire.HEADER_BYTES


@pytest.mark.parametrize(
    "value",
    [
        "half of a character: \ud83d",
        object(),
        lambda: 1,
        np.array([object()]),
        np.array(["text"]),
        {1, 2},
        iter([1]),
        torch.nn.Linear(1, 1),
        b"bytes",
    ],
)
def test_anything_else_is_not_sent(value):
    with pytest.raises(wire.WireError):
        wire.encode(value)


def test_subclasses_arrive_as_the_plain_thing():
    class Liar(torch.Tensor):
        def __eq__(self, other):
            return True

    class Text(str):
        pass

    assert type(through(torch.ones(2).as_subclass(Liar))) is torch.Tensor
    assert type(through(Text("a"))) is str
    assert type(through(np.float64(2.0))) is float


def test_a_deep_or_large_value_is_refused():
    deep = []
    for _ in range(100):
        deep = [deep]
    with pytest.raises(wire.WireError):
        wire.encode(deep)
    with pytest.raises(wire.WireError):
        wire.decode(b"[" * 100_000, b"")
    with pytest.raises(wire.WireError):
        wire.encode(np.zeros(wire.BODY_BYTES // 8 + 1))


def test_a_frame_that_announces_too_much_is_refused_before_it_is_read():
    ours, theirs = socket.socketpair()
    theirs.sendall(struct.pack(">II", 2**31, 2**31))
    with pytest.raises(wire.WireError):
        wire.receive(ours, lambda: 1)


def test_a_frame_that_never_ends_is_given_up():
    ours, theirs = socket.socketpair()
    theirs.sendall(struct.pack(">II", 10, 0) + b"[")
    clock = iter([0.01, 0.01, 0.01])
    with pytest.raises(StopIteration):
        wire.receive(ours, lambda: next(clock))
