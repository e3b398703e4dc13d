from json import dumps

__all__ = ["second", "first"]


def first() -> None:
    pass


def second() -> None:
    pass


def third() -> None:
    pass
