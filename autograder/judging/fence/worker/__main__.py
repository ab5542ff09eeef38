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

import huge_pages
import jail
import probes
import torch
import warm
import wire
from shell import cells, loaders, names
from watch import call_watch, origin, profilers, seal

_OURS = {path.stem for path in Path(__file__).parent.iterdir() if path.stem[0] != "_"}


def main():
    settings = json.loads(sys.argv[1])
    control = socket.socket(fileno=settings["control"])
    torch.set_num_threads(1)
    limits = jail.Limits(**settings["limits"])
    notebook = cells.Notebook(limits)
    maps = Path("/proc/self/maps").open()  # noqa: SIM115 (for as long as the server lives)
    _warm_up(notebook)
    call_watch.watch_scripts()
    profilers.share()
    loaders.share()
    _settle(maps)
    waiting = dict(warm.ON_DEMAND)
    try:
        jail.die_with_parent()
        walls = jail.raise_walls(settings["tiers"], settings["root"], settings["readable"], settings["hidden"])
    except (jail.JailError, OSError) as error:
        return control.send(wire.encode({"error": str(error)}))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    control.send(wire.encode({"ready": walls.tier}))
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1 << 16, 1)
        if not message:
            os._exit(0)
        request = wire.loads(message)
        if words := waiting.keys() & request["words"]:
            for word in words:
                exec(waiting.pop(word), {})
            _settle(maps)
        # Looked up here, before any student's code: no cell can put something else under these names.
        forbidden = {task: _resolved(tuple(patterns)) for task, patterns in request["forbidden"].items()}
        if os.fork() == 0:
            try:
                control.close()
                maps.close()
                connection = socket.socket(fileno=descriptors[0])
                _submission(connection, notebook, forbidden, limits, walls, request["scratch"])
            finally:
                os._exit(0)
        os.close(descriptors[0])


def _warm_up(notebook):
    """Run what every submission needs, as a cell: the shell too is slow the first time."""
    names = dict(notebook.namespace)
    notebook.run("", warm.ALWAYS, 600, 600)
    notebook.namespace.clear()
    notebook.namespace.update(names)


def _settle(maps):
    """What has been loaded by now stays: forks share it."""
    gc.collect()
    origin.learn()
    gc.freeze()
    huge_pages.collapse(maps)


@functools.cache
def _resolved(patterns):
    return call_watch.resolve(patterns)


def _submission(connection, notebook, forbidden, limits, walls, scratch):
    """The process between the server and the student's: it watches over the other, and its end ends it."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    walls.separate()
    # The server's log is one file for all: what a submission writes past Python's streams goes nowhere.
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)
    os.close(nowhere)
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reading)
        _student(connection, notebook, forbidden, limits, walls, scratch, writing)
    os.close(writing)
    trouble = os.read(reading, 500)
    os.close(reading)
    handle = os.pidfd_open(process)
    socket.send_fds(connection, [trouble or b"."], [handle])
    if reached := walls.watch(process, handle, limits, scratch):
        with contextlib.suppress(OSError):
            wire.send(connection, {"reached": reached})


def _student(connection, notebook, forbidden, limits, walls, scratch, report):
    """The process that runs the student's code; it never returns. What keeps it from being confined it reports."""
    try:
        walls.confine(limits, scratch)
    except Exception as error:
        os.write(report, f"{type(error).__name__}: {error}".encode())
        os._exit(1)
    os.close(report)
    for name in {name.partition(".")[0] for name in sys.modules} & _OURS:
        del sys.modules[name]  # to be had by nobody's import
    _serve(connection, notebook, forbidden)


def _serve(connection, notebook, forbidden):
    """Answer the judge's requests until it hangs up."""
    past = names.Names(notebook.namespace)
    unbroken = seal.seal([call_watch, cells, origin, probes, wire])
    while True:
        try:
            request = wire.receive(connection)
        except (EOFError, ConnectionError):
            os._exit(0)
        if request["do"] == "cell":
            past.mark(request["checks"])
            reply = notebook.run(request["name"], request["source"], request["cpu"], request["wall"])
        else:
            past.go_to(request["task"])
            watcher = call_watch.Watcher(forbidden.get(request["task"], call_watch.NOTHING))
            reply = probes.answer(request, notebook.namespace, watcher) if unbroken() else {"calls": []}
            reply["calls"] += [] if unbroken() else [call_watch.REWRITTEN]
        wire.send(connection, reply)


if __name__ == "__main__":
    main()
