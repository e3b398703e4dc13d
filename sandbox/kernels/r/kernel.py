"""The R kernel: kernel.R behind front/front.py."""

import os
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
PROGRAM = "/usr/bin/R"

sys.path[0] = os.path.join(os.path.dirname(FOLDER), "front")

from front import main  # noqa: E402

if __name__ == "__main__":
    main("r", PROGRAM, [PROGRAM, "--no-save", "--no-restore", "--no-init-file", "--no-echo", f"--file={os.path.join(FOLDER, 'kernel.R')}"])
