def total(**numbers: int) -> int:
    return 1
