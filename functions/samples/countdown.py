import time
from collections.abc import Iterator


def countdown(start: int = 3) -> Iterator[str]:
    """Counts down, one line each tenth of a second.

    Args:
        start: The number to begin with.
    """
    for number in range(start, 0, -1):
        yield f"{number}..."
        time.sleep(0.1)
    yield "lift-off"
