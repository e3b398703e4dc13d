from __future__ import annotations

import dataclasses
from typing import NamedTuple, NotRequired, Required, TypedDict


@dataclasses.dataclass
class Node:
    """A node of a tree.

    Attributes:
        value: What it holds.
    """

    value: int
    children: list[Node] = dataclasses.field(default_factory=list)
    note: str = dataclasses.field(default="", metadata={"description": "Anything."})
    sum: int = dataclasses.field(default=0, init=False)


class Options(TypedDict, total=False):
    name: Required[str]
    size: int


class Strict(TypedDict):
    a: int
    b: NotRequired[Options]


class Point(NamedTuple):
    x: float
    y: float = 0


def tree(root: Node, options: Options, strict: Strict, at: Point) -> Node:
    """Takes records."""


def many(points: list[Point]) -> dict[str, Node]:
    """Takes records inside of collections."""
