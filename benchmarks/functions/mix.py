def mix(n: int) -> str:
    """Gives a number that depends on n, so that no answer can come from a cache.

    Args:
        n: Any number.
    """
    return f"m{n * 7919 + 12345}m"


def where() -> str:
    """Gives the first lines of the kernel's log, which tell on what kernel this runs."""
    import ctypes

    buffer = ctypes.create_string_buffer(4096)
    length = ctypes.CDLL(None).klogctl(3, buffer, len(buffer))
    return buffer.raw[: max(length, 0)].decode(errors="replace")
