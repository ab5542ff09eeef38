# %% [markdown] exercise="ex04_batch_norm" earns=100 status="graded"
# Right answers, and below them imports that bring other things under names that the answers use.

# %% tags=["last"]
from math import *
from numpy import *
import numpy as torch
import math as nn
