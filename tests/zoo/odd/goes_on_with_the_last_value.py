# %% [markdown] exercise="ex04_batch_norm" earns=100 status="graded"
# Right answers among cells that go on with what the one before has shown, and a progress line that is drawn anew.

# %%
3 * 7


# %%
assert _ == 21 and Out[max(Out)] == 21 and "3 * 7" in In
half = _ / 2


# %%
from IPython.display import clear_output, display

for step in range(3):
    clear_output(wait=True)
    display(step)
    print(half)
