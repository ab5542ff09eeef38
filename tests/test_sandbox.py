"""The walls hold: what student code tries from inside, and what a dead or hanging process costs."""

import contextlib
import os
import time
from pathlib import Path

import pytest
import torch

from autograder import course
from autograder.sandbox import Ended, Sandbox, SandboxError, Seconds
from autograder.student import Student, StudentError

DENIED = {
    "the course tree": f"open({str(course.ROOT / 'pyproject.toml')!r})",
    "the hidden tests": f"__import__('os').listdir({str(course.HIDDEN)!r})",
    "the package": "import autograder",
    "other homes": "open('/etc/passwd')",
    "processes": "open('/proc/self/status')",
    "the network": "__import__('socket').socket()",
    "programs": "__import__('os').execv('/bin/true', ['true'])",
    "a subprocess": "__import__('subprocess').run(['/bin/true'], check=True)",
    "writing to the system": "open('/usr/lib/mine', 'w')",
    "writing to python": f"open({os.__file__!r}, 'a')",
    "new namespaces": "import ctypes\nassert ctypes.CDLL(None).unshare(0x10000000) == 0",
    "mounting": "import ctypes\nassert ctypes.CDLL(None).mount(b'x', b'/scratch', b'tmpfs', 0, None) == 0",
    "tracing": "import ctypes\nassert ctypes.CDLL(None).ptrace(0, 0, 0, 0) == 0",
    "signals to the server": "import os\nos.kill(os.getppid() or -1, 9)\nos.kill(2**15, 9)",
    "a full disk": "open('big', 'wb').write(b'0' * (80 << 20))",
    "all memory": "bytearray(8 << 30)",
}


def run(session, source, seconds=5):
    return session.ask({"do": "cell", "name": "a", "source": source, "seconds": seconds}, seconds + 3)


@pytest.fixture
def session(sandbox):
    session = sandbox.session()
    yield session
    session.end()


@pytest.mark.parametrize("what", DENIED)
def test_student_code_cannot_have(session, what):
    reply = run(session, DENIED[what])
    assert reply["ended"] == "error", reply
    assert reply["outputs"][-1]["ename"] in {
        "FileNotFoundError", "PermissionError", "OSError", "ModuleNotFoundError", "MemoryError", "ProcessLookupError",
        "AssertionError",
    }  # fmt: skip


def test_a_submission_finds_nothing_of_the_one_before(sandbox):
    first = sandbox.session()
    run(first, "import torch, builtins\nopen('left', 'w').write('x')\nbuiltins.mine = torch.mine = 1")
    first.end()
    second = sandbox.session()
    reply = run(second, "import os, torch, builtins\nprint(os.listdir('.'), hasattr(torch, 'mine'), os.environ)")
    second.end()
    text = reply["outputs"][0]["text"]
    assert text.startswith("[] False")
    assert "SECRET" not in text and "PYTHON" not in text


def test_a_process_forked_by_a_submission_dies_with_it(sandbox):
    session = sandbox.session()
    run(session, "import os, time\nif os.fork() == 0:\n    os.setsid()\n    while True:\n        time.sleep(0.1)")
    before = _processes(sandbox)
    session.end()
    deadline = time.monotonic() + 5
    while _processes(sandbox) > 1 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert before > _processes(sandbox) == 1


def _processes(sandbox):
    """How many processes there are of the sandbox's, orphans too: forks keep the command line of the server."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            lines.append(path.read_bytes())
    return sum(sandbox._root.name.encode() in line for line in lines)


def test_without_walls_a_probe_still_dies_with_its_submission():
    with Sandbox(jail=False) as box:
        answer = student(box, "def f(x):\n    return x")
        assert answer.probe("t", probe_f, (1,), 1) == 1
        assert _processes(box) > 1
        answer.end()
        deadline = time.monotonic() + 5
        while _processes(box) > 1 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert _processes(box) == 1


def test_a_fork_bomb_is_bounded(session):
    reply = run(
        session, "import os\nfor _ in range(1000):\n    if os.fork() == 0:\n        import time\n        time.sleep(60)"
    )
    assert reply["outputs"][-1]["ename"] == "BlockingIOError"


def test_output_is_bounded(session):
    reply = run(session, "print('x' * 10_000_000)\nfor _ in range(100_000):\n    print('y')")
    assert len(reply["outputs"][0]["text"]) < 25_000
    assert reply["ended"] == "ok"


def test_an_endless_cell_is_stopped_and_the_next_one_runs(session):
    assert run(session, "x = 1\nwhile True:\n    pass", 0.3)["ended"] == "timeout"
    assert run(session, "print(x)")["outputs"][0]["text"] == "1\n"


def test_a_cell_that_swallows_its_timeout_is_killed(session):
    with pytest.raises(TimeoutError):
        run(
            session,
            "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass",
            0.3,
        )


def test_a_dead_process_is_noticed_at_once(session):
    started = time.monotonic()
    with pytest.raises(Ended):
        run(session, "import os\nos._exit(0)")
    assert time.monotonic() - started < 2


def test_figures_and_tables_come_back_as_outputs(session):
    reply = run(
        session, "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\nimport pandas as pd\npd.Series([1])"
    )
    kinds = {kind for output in reply["outputs"] for kind in output["data"]}
    assert {"image/png", "text/plain"} <= kinds


def student(sandbox, *cells, **seconds):
    limits = Seconds(**{"cell": 1, "probe": 1, "submission": 20} | seconds)
    return Student(sandbox, [(f"c{n}", cell) for n, cell in enumerate(cells)], {}, limits)


def probe_f(answer, x):
    return answer.f(x)


def test_a_fatal_cell_costs_itself_and_the_others_are_run_again(sandbox):
    answer = student(sandbox, "def f(x):\n    return 2 * x", "import os\nos._exit(1)", "y = f(1)")
    ran = answer.run_cells()
    assert [ran[name]["ended"] for name in ("c0", "c1", "c2")] == ["ok", "crashed", "ok"]
    assert answer.probe("t", probe_f, (torch.ones(2),), 1).tolist() == [2, 2]
    answer.end()


def test_a_fatal_probe_costs_itself(sandbox):
    code = "import os\ndef f(x):\n    if x == 1:\n        os._exit(0)\n    while x == 2:\n        pass\n    return x"
    answer = student(sandbox, code)
    answer.run_cells()
    kinds = []
    for x in (1, 2):
        with pytest.raises(StudentError) as error:
            answer.probe("t", probe_f, (x,), 1)
        kinds.append(error.value.kind)
    assert kinds == ["Died", "Timeout"]
    assert answer.probe("t", probe_f, (3,), 1) == 3
    answer.end()


def test_what_a_probe_sets_is_gone_for_the_next(sandbox):
    def probe(answer, value):
        before = answer.f
        answer.f = value
        return before

    answer = student(sandbox, "f = 1")
    answer.run_cells()
    assert [answer.probe("t", probe, (n,), 1) for n in (5, 6)] == [1, 1]
    answer.end()


def test_an_error_names_the_line_of_the_answer(sandbox):
    answer = student(sandbox, "def g(x):\n    return x['a']\n\ndef f(x):\n    return g(x)")
    answer.run_cells()
    with pytest.raises(StudentError) as error:
        answer.probe("t", probe_f, (1,), 1)
    assert answer.explain(error.value) == "your code raised TypeError in line 2 of its cell: return x['a']"
    answer.end()


def test_a_missing_name_is_told_with_what_stopped_its_cell(sandbox):
    answer = student(sandbox, "def f(x)\n    return x")
    answer.run_cells()
    with pytest.raises(StudentError) as error:
        answer.probe("t", probe_f, (1,), 1)
    assert answer.explain(error.value) == "your notebook does not define f (a cell stopped with SyntaxError)"
    answer.end()


def test_forbidden_functions_are_noticed_under_any_name(sandbox):
    code = "import torch\nfrom torch.nn import functional as F\ng = getattr(F, 'batch_' + 'norm')\n"
    code += "def f(x):\n    return {}"
    patterns = {"t": ["torch.nn.functional.batch_norm", "torch.ops.aten.native_batch_norm*", "torch.batch_norm"]}
    calls = {
        "g(x, None, None, training=True)": {"torch.nn.functional.batch_norm"},
        "torch.batch_norm(x, None, None, None, None, True, 0.1, 1e-5, False)": {"torch.batch_norm"},
        "torch.ops.aten.native_batch_norm(x, None, None, None, None, True, 0.1, 1e-5)[0]": {
            "torch.ops.aten.native_batch_norm"
        },
        "x * 2": set(),
    }
    for call, seen in calls.items():
        answer = Student(sandbox, [("c", code.format(call))], patterns, Seconds())
        answer.run_cells()
        answer.probe("t", probe_f, (torch.randn(4, 2),), 1)
        assert answer.calls["t"] == seen, call
        answer.end()


def test_walls_that_cannot_be_had_are_a_refusal_with_the_way_out(monkeypatch):
    monkeypatch.setattr(Sandbox, "_make", lambda self, name: "/proc/nowhere")
    with Sandbox() as box, pytest.raises(SandboxError) as error:
        box.session()
    assert "does not let student code be walled in" in str(error.value)
    assert "sysctl" in str(error.value)


def test_a_flood_of_stderr_costs_the_next_submission_nothing(sandbox):
    first = sandbox.session()
    run(first, "import os\nfor _ in range(100):\n    os.write(2, b'x' * (1 << 20))")
    first.end()
    second = sandbox.session()
    assert run(second, "import os\nprint(os.write(2, b'y'), os.write(1, b'y'))")["outputs"][0]["text"] == "1 1\n"
    second.end()
