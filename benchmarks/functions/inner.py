import time

from toolruntime import Context


def inner(ctx: Context, tool: str, calls: int) -> dict[str, list[float]]:
    """Calls a tool again and again from within the sandbox and times each call.

    Args:
        tool: The tool to call; it takes n and gives a text that depends on it.
        calls: How often.
    """
    times = []
    for n in range(calls):
        start = time.perf_counter()
        answer = ctx.tools.call(tool, {"n": n})
        times.append((time.perf_counter() - start) * 1000)
        _check(n, answer)
    return {"times": times}


async def inner_async(ctx: Context, tool: str, calls: int) -> dict[str, list[float]]:
    """The same from an async function.

    Args:
        tool: The tool to call; it takes n and gives a text that depends on it.
        calls: How often.
    """
    times = []
    for n in range(calls):
        start = time.perf_counter()
        answer = await ctx.tools.call(tool, {"n": n})
        times.append((time.perf_counter() - start) * 1000)
        _check(n, answer)
    return {"times": times}


def _check(n, answer):
    if f"m{n * 7919 + 12345}m" not in str(answer):
        raise ValueError(f"wrong answer to {n}: {answer}")
