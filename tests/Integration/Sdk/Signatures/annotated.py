from typing import Annotated

from toolruntime import Field


class Ge:
    def __init__(self, ge):
        self.ge = ge


def limits(a: Annotated[int, Field("How many.", ge=1, le=10)], b: Annotated[str, "Just text."],
           c: Annotated[str, Field(min_length=1, max_length=5, pattern="^a")], d: Annotated[list[int], Field(max_length=3)],
           e: Annotated[float, Ge(0)] = 1.5) -> Annotated[int, "The result."]:
    """Takes limits."""
