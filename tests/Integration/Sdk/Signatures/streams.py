import functools
from collections.abc import AsyncIterator, Generator, Iterator
from os.path import join

from toolruntime import Content, Image


def pieces(n: int) -> Iterator[int]:
    yield n


def ends(n: int) -> Generator[int, None, str]:
    yield n
    return "done"


async def later(n: int) -> AsyncIterator[dict[str, int]]:
    yield {"n": n}


def says_nothing(n: int):
    yield n


async def waits() -> float:
    return 1.0


def picture() -> Image:
    return Image(b"")


def pictures() -> list[Content]:
    return []


def _private() -> int:
    return 1


def wrap(function):
    @functools.wraps(function)
    def inner(*args, **kwargs):
        return function(*args, **kwargs)

    return inner


_wrap = wrap
del wrap


@_wrap
def wrapped(a: int) -> int:
    return a
