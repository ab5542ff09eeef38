# %% [markdown] exercise="ex04_batch_norm" earns=100 status="timeout"
# A cell that never ends and that ignores or handles every signal there is, also the alarm that would stop it.
# It is killed from outside when its time is over; right answers below it are run in a fresh process and keep their points.

# %%
import signal
import time

for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        continue
signal.setitimer(signal.ITIMER_REAL, 0)
while True:
    try:
        time.sleep(1)
    except BaseException:
        continue
