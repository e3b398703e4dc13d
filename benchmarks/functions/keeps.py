"""Checkpoints of a size, and how long each takes until it is stored."""

import time


def keeps(ctx, megabytes: int, times: int) -> dict:
    """Keeps a state so often; the milliseconds of each, a step after it included, which waits for it."""
    taken = []
    for number in range(times):
        state = {"number": number, "much": "x" * (megabytes << 20)}
        began = time.perf_counter()
        ctx.checkpoint(state)
        ctx.step(f"after {number}", lambda: number)
        taken.append((time.perf_counter() - began) * 1000)
    return {"times": taken}
