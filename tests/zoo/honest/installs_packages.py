# %% [markdown] exercise="ex04_batch_norm" earns=100 status="graded"
# Right answers from a notebook that begins as many do: with `pip install`, as a command, as a magic and from Python.
# Nothing is installed, and nothing needs to be.

# %%
# !pip install torch numpy


# %%
# %pip install -q torchvision


# %%
import subprocess
import sys

subprocess.run([sys.executable, "-m", "pip", "install", "tqdm"], check=True)
