from toolruntime import tool


@tool(name="bad name")
def a() -> None:
    pass
