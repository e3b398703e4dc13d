import dataclasses
import datetime
import decimal
import enum
import uuid


class Color(enum.Enum):
    RED = "red"


@dataclasses.dataclass
class Node:
    value: int
    children: list["Node"] = dataclasses.field(default_factory=list)


def describe(root: Node, when: datetime.datetime, color: Color, amount: decimal.Decimal, id: uuid.UUID, data: bytes,
             unique: set[int], pair: tuple[int, str], by_number: dict[int, float], either: int | str | None, whole: int) -> str:
    return f"{root} {when} {color} {amount} {type(id).__name__} {data} {unique} {pair} {by_number} {either} {whole!r}"
