from toolruntime import Context, tool


@tool(name="files.read", title="Read a file", description="Reads.", read_only=True, annotations={"idempotentHint": True}, meta={"x": 1})
def read(path: str, context: Context) -> str:
    """Not this text."""


@tool
def plain(ctx) -> None:
    """Does it."""


def helper(x: int) -> int:
    return x
