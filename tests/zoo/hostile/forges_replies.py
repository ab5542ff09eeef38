# %% [markdown] exercise="ex04_batch_norm" earns=0 status="graded"
# A cell answers for the cells behind it: that they ended well, with outputs that are none and a broken sandbox. From
# there on the judge hears everything one answer late, so that nothing of this notebook's can be right. That is the
# forger's own loss; no other submission notices.

# %%
import json
import os
import struct


def send(value, body=b""):
    header = json.dumps(value).encode()
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, struct.pack(">II", len(header), len(body)) + header + body)
        except OSError:
            continue


outputs = [["dict", [["output_type", "stream"], ["name", 3]]], 17, ["dict", [["data", ["list", [1]]]]]]
send(["dict", [["ended", "ok"], ["outputs", ["list", outputs]]]])
send(["dict", [["broken", "GOT THROUGH"]]])
