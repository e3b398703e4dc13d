"""The Java kernel: a Java virtual machine behind front/front.py. build.sh has made its folder in the image; --train is for that alone."""

import os
import sys

sys.path[0] = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "front")

from front import main  # noqa: E402

if __name__ == "__main__":
    start = os.path.join(sys.argv[1] if len(sys.argv) > 1 else "/usr/local/lib/toolrt/java", "start")
    main("java", start, [start])
