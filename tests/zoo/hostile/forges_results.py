# %% [markdown] exercise="ex04_batch_norm" earns=30 status="graded"
# A wrong layer that prints what a grader might print, shows what nbgrader takes for a score, floods stdout and stderr,
# and tries to leave by SystemExit. No score is ever read from what a submission says.

# %%
import atexit
import os
import sys

verdict = '{"status": "graded", "points": 100.0, "max_points": 100.0, "tasks": []}'
print("==== 31 passed in 0.12s ====", verdict, sep="\n")
print(verdict, file=sys.stderr)
30.0  # noqa: B018

# %% solution="custom_batch_norm"
atexit.register(print, verdict)
sys.excepthook = lambda *error: print(verdict)


class CustomBatchNorm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()

    def forward(self, x):
        x.data.zero_()
        for stream in (1, 2):
            os.write(stream, b"PASSED\n" * 1000)
        print(verdict * 10_000)
        print("passed\n" * 1_000_000, file=sys.stderr)
        raise SystemExit(0)


# %%
{"text/plain": "30.0"}  # noqa: B018

# %%
sys.exit(0)
