from collections.abc import Iterable, Mapping, Sequence


def arrays(a: list, b: list[int], c: Sequence[str], d: set[int], e: frozenset[str], f: tuple[int, str],
           g: tuple[float, ...], h: Iterable[bool], i: tuple[()]) -> list[list[int]]:
    """Takes arrays."""


def objects(a: dict, b: dict[str, int], c: Mapping[str, list[int]], d: dict[int, float]) -> dict[str, str | None]:
    """Takes objects."""
