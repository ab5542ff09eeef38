"""The warm server: loads the libraries once, encloses itself, then forks a confined process per submission."""

import contextlib
import functools
import gc
import json
import os
import signal
import socket
import sys
from pathlib import Path

import cells
import jail
import pages
import probes
import torch
import watch
import wire


def main():
    settings = json.loads(sys.argv[1])
    control = socket.socket(fileno=settings["control"])
    torch.set_num_threads(1)
    notebook = cells.Notebook()
    _warm_up(notebook)
    gc.collect()
    gc.freeze()
    pages.collapse()
    address_space = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    try:
        jail.die_with_parent()
        if settings["jail"]:
            jail.enclose(settings["root"], settings["readable"], settings["hidden"])
    except (jail.JailError, OSError) as error:
        return wire.send(control, {"error": str(error)})
    scratch = jail.SCRATCH if settings["jail"] else settings["root"]
    os.environ.update(TMPDIR=scratch, HOME=scratch, MPLCONFIGDIR=scratch)
    if not settings["jail"]:
        os.chdir(scratch)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    limits = jail.Limits(**settings["limits"])
    wire.send(control, {"ready": True})
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not message:
            os._exit(0)
        # Looked up here, before any student's code: no cell can put something else under these names.
        forbidden = {task: _resolved(tuple(patterns)) for task, patterns in wire.receive(control).items()}
        if os.fork() == 0:
            control.close()
            connection = socket.socket(fileno=descriptors[0])
            _submission(connection, notebook, forbidden, limits, address_space, settings["jail"])
            os._exit(0)
        os.close(descriptors[0])


_WARM_UP = """
import matplotlib.pyplot as plt, scipy.stats, sklearn.datasets, sklearn.linear_model, sklearn.preprocessing, torch
plt.plot([1, 2])
plt.title("$x^2$")
plt.show()
layer = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.BatchNorm1d(4), torch.nn.ReLU())
layer(torch.randn(8, 4)).sum().backward()
torch.nn.Conv2d(2, 2, 3)(torch.randn(2, 2, 5, 5)).sum().backward()
torch.linalg.qr(torch.randn(3, 3))
torch.optim.Adam(layer.parameters()).step()
"""


def _warm_up(notebook):
    """Do once what is slow the first time: fonts, formatters, gradients, libraries that load lazily."""
    names = set(notebook.namespace)
    notebook.run("warm-up", _WARM_UP, 60)
    for name in set(notebook.namespace) - names:
        del notebook.namespace[name]


@functools.cache
def _resolved(patterns):
    return watch.resolve(patterns)


def _submission(connection, notebook, forbidden, limits, address_space, jailed):
    """The process between the server and the student's: it only waits, and its end ends the other."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    # The server's log is one file for all: what a submission writes past Python's streams goes nowhere.
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)
    jail.die_with_parent()
    if jailed:
        jail.separate()
    process = os.fork()
    if process:
        handle = os.pidfd_open(process)
        socket.send_fds(connection, [b"."], [handle])
        connection.close()
        os.close(handle)
        os.waitpid(process, 0)
        return
    try:
        if jailed:
            jail.confine(limits, address_space)
        else:
            jail.limit_resources(limits, address_space)
            jail.die_with_parent()
        _serve(connection, notebook, forbidden)
    except Exception as error:
        # The other side may be gone already; it sees this process end either way.
        with contextlib.suppress(OSError):
            wire.send(connection, {"broken": f"{type(error).__name__}: {error}"[:500]})


def _serve(connection, notebook, forbidden):
    """Answer the judge's requests until it hangs up."""
    while True:
        try:
            request = wire.receive(connection)
        except (EOFError, ConnectionError):
            os._exit(0)
        if request["do"] == "cell":
            reply = notebook.run(request["name"], request["source"], request["seconds"])
        else:
            watcher = watch.Watcher(forbidden.get(request["task"], watch.NOTHING))
            reply = probes.answer(request, notebook.namespace, watcher)
        wire.send(connection, reply)


if __name__ == "__main__":
    main()
