"""The Python kernel: docs/PROTOCOL.md section 3 on the file descriptors 3 (in) and 4 (out).

usage: python3 -S -u kernel.py [--preload numpy,pandas,matplotlib]
"""

import os
import sys

# The user's own modules come before ours.
sys.path.append(sys.path.pop(0))

from toolrt_kernel._channel import Channel  # noqa: E402
from toolrt_kernel._environment import prepare, preload  # noqa: E402
from toolrt_kernel._server import Server  # noqa: E402

CONTROL_IN = 3
CONTROL_OUT = 4


def main() -> None:
    prepare()
    channel = Channel(CONTROL_IN, CONTROL_OUT)
    # A forked child must be able neither to answer for its parent nor to hold the pipe open.
    os.register_at_fork(after_in_child=channel.abandon)
    server = Server(channel)
    if "--preload" in sys.argv:
        preload(sys.argv[sys.argv.index("--preload") + 1].split(","))
    sys.argv[:] = [""]
    server.run()


if __name__ == "__main__":
    main()
