from toolruntime import tool


@tool(name="same")
def a() -> None:
    pass


@tool(name="same")
def b() -> None:
    pass
