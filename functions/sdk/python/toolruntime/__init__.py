"""What a Python function may import: ``from toolruntime import Context, tool, Image``.

A function needs none of it: a plain function with type hints and a docstring is a tool.
"""

from toolruntime._content import Content, Image
from toolruntime._context import Answer, Cancelled, Context, ToolError, current
from toolruntime._keeping import StateConflict

__all__ = ["Answer", "Cancelled", "Content", "Context", "Field", "Image", "StateConflict", "ToolError", "current", "tool"]


def tool(function=None, /, *, name=None, title=None, description=None, annotations=None, meta=None, input_schema=None,
         read_only=None, destructive=None, idempotent=None, open_world=None):
    """Marks a function as a tool; where one is marked, the unmarked functions of the file are none.

    ``annotations`` and ``meta`` are MCP tool annotations and ``_meta`` as they are; ``read_only``, ``destructive``,
    ``idempotent`` and ``open_world`` set the hint of that name. ``input_schema`` is the JSON Schema of the arguments as it is, in place of
    the one that the type hints give.
    """
    hints = {"readOnlyHint": read_only, "destructiveHint": destructive,
             "idempotentHint": idempotent, "openWorldHint": open_world}
    merged = {**(annotations or {}), **{key: value for key, value in hints.items() if value is not None}}

    def mark(target):
        target.__tool__ = {"name": name, "title": title, "description": description,
                           "annotations": merged or None, "meta": meta, "inputSchema": input_schema}
        return target

    return mark if function is None else mark(function)


class Field:
    """Says more of a parameter or field than its type does: ``Annotated[int, Field("how many", ge=1, le=10)]``."""

    def __init__(self, description=None, *, ge=None, gt=None, le=None, lt=None, multiple_of=None,
                 min_length=None, max_length=None, pattern=None, examples=None):
        self.description = description
        self.ge, self.gt, self.le, self.lt, self.multiple_of = ge, gt, le, lt, multiple_of
        self.min_length, self.max_length = min_length, max_length
        self.pattern = pattern
        self.examples = examples
