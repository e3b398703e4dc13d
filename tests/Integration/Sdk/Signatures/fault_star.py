import math


def total(*numbers: int) -> int:
    return sum(numbers)
