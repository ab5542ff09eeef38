# %% [markdown] exercise="ex03_he" earns=100 status="graded"
# Answers were pasted with four blanks before each line, which IPython takes, and with magics inside of blocks.

# %% tags=["tamper"]
import textwrap


def tamper(notebook):
    for cell in notebook.cells:
        if cell.id in ("he_gain-answer", "he_uniform-answer"):
            cell.source = textwrap.indent(cell.source + "\nif True:\n    %time 1 + 1", "    ")
