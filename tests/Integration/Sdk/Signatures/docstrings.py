def google(a: int, b: int, c: int = 1) -> int:
    """Summary of it.

    More about it,
    in two lines.

    Args:
        a (int): The first,
            in two lines.
        b: The second: with a colon.
        c (int, optional): The third. Defaults to 1.

    Returns:
        int: nothing.

    Raises:
        ValueError: never.
    """


def numpy(a: int, b: int, c: int = 1) -> int:
    """Summary of it.

    Parameters
    ----------
    a, b : int
        Two
        numbers.
    c : int, optional
        The third.

    Returns
    -------
    int
        Nothing.
    """


def sphinx(a: int, b: int) -> int:
    """Summary of it.

    :param a: The first,
        in two lines.
    :param int b: The second.
    :returns: nothing
    :rtype: int
    """


def none(a: int) -> int:
    return a


def untyped(a, b=1):
    """Takes anything."""
