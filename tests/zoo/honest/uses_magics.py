# %% [markdown] exercise="ex04_batch_norm" earns=100 status="graded"
# Right answers among the magics that students know: timing, plots in the notebook, reloading, listing names, a file that
# is written by a cell.

# %%
# %matplotlib inline
# %load_ext autoreload
# %autoreload 2
# %config InlineBackend.figure_format = "retina"


# %%
# %%time
total = sum(range(1000))


# %%
# %timeit -n 2 -r 2 sum(range(100))
# %whos
# %pwd


# %%
# %%writefile notes.txt
# eps is inside the root


# %%
# !ls
# ?torch.nn.BatchNorm1d
