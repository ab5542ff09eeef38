"""A notebook's cells do here what they do in Jupyter."""

import pytest

from autograder.judging.fence.settings import Seconds
from autograder.judging.fence.student import Student, StudentError
from autograder.judging.hidden_tests.probe import travelling

DOES = {
    "!nvidia-smi\nx = 1": "nvidia-smi: not run: your code uses the network, another program",
    "%pip install -q tqdm\nx = 1": "pip install -q tqdm: not run",
    "%%bash\nls": "%%bash: not run",
    "%%script perl\nprint 1": "%%script perl: not run",
    "%ls\nfiles = !ls\nprint(list(files), _exit_code)": "[] 126",
    "import os\nos.mkdir('a')\n%cd a\nprint(os.path.basename(os.getcwd()))": "a\\na",
    "6 * 7": "42",
    "6 * 7;": "[]",
    "print(_, list(Out.values()), len(In) > 5)": "42 [42] True",
    "print('gone')\nclear_output()\nprint('seen')": "'text': 'seen",
    "print('kept')\nclear_output(wait=True)": "kept",
    "%%writefile fold.py\ndef g(x):\n    return x": "Writing fold.py",
    "from fold import g\nprint(g(5))": "5",
    "x = %time 3 * 2\nprint(x)": "6",
    "%%capture shown\nprint('hidden')": "[]",
    "print(shown.stdout)": "hidden",
}


def test_cells_show_what_they_show_in_jupyter(sandbox):
    cells = [("setup", "from IPython.display import clear_output"), *((source, source) for source in DOES)]
    answer = Student(sandbox, cells, {}, Seconds())
    ran = answer.run_cells()
    answer.end()
    shown = {source: str([dict(output) for output in ran[source]["outputs"]]) for source in DOES}
    assert {source: ran[source]["ended"] for source in DOES} == dict.fromkeys(DOES, "ok"), shown
    assert {source: shown[source] for source, text in DOES.items() if text not in shown[source]} == {}


@pytest.mark.parametrize("above", ["", "\n\n", "%%time\n", "\n\n%%capture shown\n", "%matplotlib inline\n", "!ls\n"])
def test_an_error_names_the_line_that_the_student_sees(sandbox, above):
    source = above + "def f(x):\n    return x['a']"
    answer = Student(sandbox, [("a", source)], {}, Seconds())

    def probe(answer, x):
        return answer.f(x)

    with pytest.raises(StudentError) as error:
        answer.probe("t", travelling(probe), (1,), 1)
    answer.end()
    assert answer.explain(error.value).endswith(f"line {source.count(chr(10)) + 1} of its cell: return x['a']")
