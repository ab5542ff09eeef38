"""Plain data as bytes: a JSON header that describes a tree, then the raw bytes of its arrays.

Nothing that is decoded can run code: scalars, strings, lists, tuples, dicts, numpy arrays and torch tensors of
numbers are all there is. Whatever else arrives raises `WireError`.
"""

import json
import math
import socket
import struct
from collections.abc import Callable

import numpy as np
import torch

HEADER_BYTES = 8 << 20
BODY_BYTES = 16 << 20
NODES = 200_000
DEPTH = 24
DIMENSIONS = 8

_PREFIX = struct.Struct(">II")
_DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
_NUMPY = {name: np.dtype(name) for name in [*_DTYPES, "uint16", "uint32", "uint64", "complex64", "complex128"]}
_TRUTH = bytes([0] + [1] * 255)  # any other byte in a bool is equal to nothing
_TORCH = {name: getattr(torch, name) for name in [*_DTYPES, "bfloat16", "complex64", "complex128"]}


class WireError(Exception):
    """What was to be sent or what arrived is not plain data within the limits."""


def encode(value) -> bytes:
    """One frame that holds `value`; raises WireError for what is not plain data."""
    buffers: list[bytes] = []
    header = json.dumps(_pack(value, buffers, [0], 0)).encode()
    body = sum(map(len, buffers))
    if len(header) > HEADER_BYTES or body > BODY_BYTES:
        raise WireError(f"too large: {len(header) + body} bytes")
    return b"".join([_PREFIX.pack(len(header), body), header, *buffers])


def decode(header: bytes, body: bytes):
    """The value of a frame's two parts; raises WireError for anything that `encode` would not write."""
    # Each container that JSON makes takes fifty times its text: they are counted before.
    if header.count(b"[") + header.count(b"{") > 4 * NODES:
        raise WireError("too many values")
    try:
        return _unpack(json.loads(header), body, [0], 0)
    except WireError:
        raise
    except (ValueError, TypeError, KeyError, RuntimeError) as error:
        raise WireError(f"malformed: {type(error).__name__}") from None


def loads(frame: bytes):
    """The value of one whole frame; raises WireError."""
    if len(frame) < _PREFIX.size or len(frame) != _PREFIX.size + sum(_PREFIX.unpack_from(frame)):
        raise WireError("malformed: not one frame")
    size, _ = _PREFIX.unpack_from(frame)
    return decode(frame[_PREFIX.size : _PREFIX.size + size], frame[_PREFIX.size + size :])


def from_frame(frame: bytes):
    """The value of a whole frame, as `encode` writes it; raises WireError."""
    if len(frame) < _PREFIX.size:
        raise WireError("malformed: no frame")
    size = _PREFIX.unpack_from(frame)[0]
    return decode(frame[_PREFIX.size : _PREFIX.size + size], frame[_PREFIX.size + size :])


def send(connection: socket.socket, value) -> None:
    """Send `value` as one frame."""
    connection.sendall(encode(value))


def receive(connection: socket.socket, left: Callable[[], float] | None = None):
    """The next frame's value; `left` says for how many seconds to wait before it is asked again, or raises.

    Raises EOFError when the other side is gone, WireError for bad frames.
    """
    header_bytes, body_bytes = _PREFIX.unpack(_read(connection, _PREFIX.size, left))
    if header_bytes > HEADER_BYTES or body_bytes > BODY_BYTES:
        raise WireError(f"announces {header_bytes + body_bytes} bytes")
    return decode(_read(connection, header_bytes, left), _read(connection, body_bytes, left))


def _read(connection, count, left):
    data = bytearray(count)
    view = memoryview(data)
    while view:
        connection.settimeout(left and left())
        try:
            got = connection.recv_into(view)
        except TimeoutError:
            continue
        if not got:
            raise EOFError
        view = view[got:]
    return bytes(data)


def _pack(value, buffers, count, depth):
    count[0] += 1
    if count[0] > NODES or depth > DEPTH:
        raise WireError("too many or too deeply nested values")
    if value is None or isinstance(value, bool | int | float | str):
        return _pack_scalar(value)
    if isinstance(value, np.generic) and value.dtype.kind in "biuf":
        return value.item()
    if isinstance(value, torch.Tensor):
        return _pack_tensor(value, buffers)
    if isinstance(value, np.ndarray):
        return _pack_array(value, buffers)
    if isinstance(value, list | tuple):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return [kind, [_pack(item, buffers, count, depth + 1) for item in value]]
    if isinstance(value, dict):
        pairs = [[_pack(part, buffers, count, depth + 1) for part in pair] for pair in value.items()]
        return ["dict", pairs]
    raise WireError(f"a value of type {type(value).__name__}")


def _pack_scalar(value):
    if isinstance(value, str):
        return _text(str(value))
    return next((kind(value) for kind in (bool, int, float) if isinstance(value, kind)), None)


def _pack_tensor(value, buffers):
    with torch._C.DisableTorchFunctionSubclass():
        value = torch.Tensor.detach(value).cpu().contiguous()
        name = str(value.dtype).removeprefix("torch.")
        if name not in _TORCH:
            raise WireError(f"a tensor of dtype {name}")
        data = value.reshape(-1).view(torch.uint8).numpy().tobytes() if value.numel() else b""
    return _leaf("tensor", name, value.shape, data, buffers)


def _pack_array(value, buffers):
    if value.dtype.name not in _NUMPY:
        raise WireError(f"an array of dtype {value.dtype.name}")
    return _leaf("array", value.dtype.name, value.shape, value.tobytes(), buffers)


def _leaf(kind, dtype, shape, data, buffers):
    offset = sum(map(len, buffers))
    buffers.append(data)
    return [kind, dtype, list(shape), offset]


def _unpack(node, body, count, depth):
    count[0] += 1
    if count[0] > NODES or depth > DEPTH:
        raise WireError("too many or too deeply nested values")
    if not isinstance(node, list):
        return _unpack_scalar(node)
    kind, *rest = node
    if kind in ("tensor", "array"):
        return _unpack_leaf(kind, *rest, body)
    (items,) = rest
    if kind not in ("list", "tuple", "dict") or not isinstance(items, list):
        raise WireError("malformed: an unknown tag")
    if kind == "dict":
        return {_unpack(k, body, count, depth + 1): _unpack(v, body, count, depth + 1) for k, v in map(_pair, items)}
    values = [_unpack(item, body, count, depth + 1) for item in items]
    return tuple(values) if kind == "tuple" else values


def _pair(node):
    if not isinstance(node, list) or len(node) != 2:
        raise WireError("malformed: a pair")
    return node


def _unpack_scalar(node):
    if isinstance(node, dict):
        raise WireError("malformed: an untagged dict")
    return _text(node) if isinstance(node, str) else node


def _text(value):
    """A string that can be written somewhere: Python's may hold halves of characters."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise WireError("a string with half a character") from None
    return value


def _unpack_leaf(kind, dtype, shape, offset, body):
    if not (isinstance(shape, list) and len(shape) <= DIMENSIONS):
        raise WireError("malformed: a shape")
    if not all(type(number) is int and 0 <= number <= BODY_BYTES for number in [*shape, offset]):
        raise WireError("malformed: a size")
    item = (_NUMPY if kind == "array" else _TORCH)[dtype].itemsize
    data = bytearray(body[offset : offset + math.prod(shape) * item])
    if len(data) != math.prod(shape) * item:
        raise WireError("malformed: an array without its bytes")
    if dtype == "bool":
        data = data.translate(_TRUTH)
    if not data:
        return np.empty(shape, _NUMPY[dtype]) if kind == "array" else torch.empty(shape, dtype=_TORCH[dtype])
    if kind == "array":
        return np.frombuffer(data, _NUMPY[dtype]).reshape(shape)
    return torch.frombuffer(data, dtype=_TORCH[dtype]).reshape(shape)
