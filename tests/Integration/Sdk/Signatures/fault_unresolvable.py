def read(x: "Missing") -> int:
    return 1
