def broken(a: int) -> int:
    return a +
