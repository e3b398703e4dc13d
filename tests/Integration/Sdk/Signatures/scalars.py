import datetime
import decimal
import enum
import pathlib
import uuid
from typing import Any, Literal, NewType, Optional, TypeVar, Union

UserId = NewType("UserId", int)
Number = TypeVar("Number", bound=float)


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


def plain(a: int, b: float, c: str, d: bool, e: None, f: bytes, g: Any, h: object) -> str:
    """Takes the plain types."""


def optional(a: Optional[int], b: Union[int, str], c: int | None = None, d: str = "x", e: bool = False, *, f: float) -> int | None:
    """Takes alternatives and defaults."""


def chosen(a: Literal["x", "y"], b: Literal[1, "one", True], c: Color, d: Level = Level.HIGH, e: Color = Color.RED) -> Color:
    """Takes one of several."""


def library(a: datetime.datetime, b: datetime.date, c: datetime.time, d: datetime.timedelta, e: uuid.UUID,
            f: decimal.Decimal, g: pathlib.Path) -> decimal.Decimal:
    """Takes types of the standard library."""


def named(a: UserId, b: Number) -> UserId:
    """Takes types that have other names."""
