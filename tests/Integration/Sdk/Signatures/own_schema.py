from toolruntime import tool


@tool(input_schema={"type": "object", "properties": {"at": {"type": "string", "pattern": "^[0-9]{4}$"}}, "required": ["at"], "minProperties": 1})
def remind(at: str) -> str:
    """Reminds."""
    return at
