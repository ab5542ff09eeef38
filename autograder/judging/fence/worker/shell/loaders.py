"""Lets a data loader that asks for worker processes, which cannot be had here, load the same batches by itself."""

import functools
import inspect
import sys

from torch.utils.data import DataLoader

_FOR_WORKERS = ("num_workers", "prefetch_factor", "persistent_workers", "multiprocessing_context", "timeout")


def share() -> None:
    """From now on no loader starts a process."""
    DataLoader.__init__ = _alone(DataLoader.__init__)


def _alone(method):
    signature = inspect.signature(method)

    @functools.wraps(method)
    def init(*args, **kwargs):
        asked = signature.bind(*args, **kwargs)
        workers = asked.arguments.get("num_workers")
        if isinstance(workers, int) and workers > 0:
            print(f"num_workers={workers}: no process can be started here; the data are loaded by this one, one batch "
                  "after the other", file=sys.stderr)  # fmt: skip
            for name in _FOR_WORKERS:
                asked.arguments.pop(name, None)
        method(*asked.args, **asked.kwargs)

    return init
