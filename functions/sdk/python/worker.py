"""The resident Python worker: docs/PROTOCOL.md section 2 on the file descriptors 3 (in) and 4 (out)."""

import _sitebuiltins
import builtins
import os
import sys

# The user's own modules come before ours: only the package `toolruntime` is taken from this folder.
sys.path.append(sys.path.pop(0))

from toolruntime._channel import Channel  # noqa: E402
from toolruntime._server import Server  # noqa: E402

# What -S leaves out takes 10 ms in a sandbox; of it functions need packages of the image, and exit().
_PACKAGES = (f"/usr/local/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages",
             f"/usr/local/lib/python{sys.version_info[0]}.{sys.version_info[1]}/dist-packages",
             "/usr/lib/python3/dist-packages")

CONTROL_IN = 3
CONTROL_OUT = 4


def _complete() -> None:
    sys.path.extend(folder for folder in _PACKAGES if os.path.isdir(folder))
    builtins.exit = _sitebuiltins.Quitter("exit", "Ctrl-D (i.e. EOF)")
    builtins.quit = _sitebuiltins.Quitter("quit", "Ctrl-D (i.e. EOF)")
    builtins.help = _sitebuiltins._Helper()


def main() -> None:
    _complete()
    # It was for this process: programs that functions start decide for themselves.
    os.environ.pop("MALLOC_ARENA_MAX", None)
    channel = Channel(CONTROL_IN, CONTROL_OUT)
    # A forked child must be able neither to answer for its parent nor to hold the pipe open.
    os.register_at_fork(after_in_child=channel.abandon)
    Server(channel).run()


if __name__ == "__main__":
    main()
