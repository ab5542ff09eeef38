# %% [markdown] exercise="ex04_batch_norm" earns=100 status="graded crashed"
# Fills its folder with one large file, with many small ones, with folders within folders and with files that it
# deletes but keeps open. The folder is bounded; the right answers below are run without the cells that overran it.

# %%
import os

number = 0
try:
    with open("large", "wb") as file:
        while number < 1000:
            number += file.write(bytes(1 << 20)) >> 20
    print("GOT THROUGH: a large file")
except OSError:
    os.remove("large")


# %%
kept = []
try:
    for number in range(1000):
        kept.append(open(f"hidden-{number}", "wb"))
        os.remove(f"hidden-{number}")
        kept[-1].write(bytes(1 << 20))
    print("GOT THROUGH: deleted files")
except OSError:
    kept.clear()


# %%
import time

try:
    for number in range(5000):
        os.mkdir("deeper")
        os.chdir("deeper")
    time.sleep(1)
    print("GOT THROUGH: folders")
except OSError:
    pass
