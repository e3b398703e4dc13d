from toolruntime import Context


def total(numbers: list[float], ctx: Context) -> float:
    """Adds up numbers with the tool `add`, as any caller would.

    Args:
        numbers: What to add up.
    """
    result = 0.0
    for number in numbers:
        result = ctx.tools.call("add", a=result, b=number)
    return result
