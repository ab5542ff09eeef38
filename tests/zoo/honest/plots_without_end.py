# %% [markdown] exercise="ex04_batch_norm" earns=100 status="timeout"
# Right answers, and a live plot that is drawn again and again, as one watches a training run. It is stopped when its time
# is over; the pictures that it has shown by then are kept as far as there is room.

# %% tags=["last"]
import matplotlib.pyplot as plt
from IPython.display import clear_output, display

values = []
while True:
    values.append(len(values))
    figure, axes = plt.subplots(figsize=(2, 1))
    axes.plot(values)
    clear_output(wait=True)
    display(figure)
    plt.close(figure)
    plt.pause(0.3)
