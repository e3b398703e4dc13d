def tool01(text: str, count: int = 1) -> str:
    """Repeats a text, tool 1 of a list of the usual length.

    Args:
        text: What to repeat.
        count: How often.
    """
    return text * count


def tool02(text: str, count: int = 2) -> str:
    """Repeats a text, tool 2 of a list of the usual length.

    Args:
        text: What to repeat.
        count: How often.
    """
    return text * count


def tool03(text: str, count: int = 3) -> str:
    """Repeats a text, tool 3 of a list of the usual length.

    Args:
        text: What to repeat.
        count: How often.
    """
    return text * count


def tool04(text: str, count: int = 4) -> str:
    """Repeats a text, tool 4 of a list of the usual length.

    Args:
        text: What to repeat.
        count: How often.
    """
    return text * count


def tool05(text: str, count: int = 5) -> str:
    """Repeats a text, tool 5 of a list of the usual length.

    Args:
        text: What to repeat.
        count: How often.
    """
    return text * count


def tool06(text: str, count: int = 6) -> str:
    """Repeats a text, tool 6 of a list of the usual length.

    Args:
        text: What to repeat.
        count: How often.
    """
    return text * count


def tool07(text: str, count: int = 7) -> str:
    """Repeats a text, tool 7 of a list of the usual length.

    Args:
        text: What to repeat.
        count: How often.
    """
    return text * count


def tool08(text: str, count: int = 8) -> str:
    """Repeats a text, tool 8 of a list of the usual length.

    Args:
        text: What to repeat.
        count: How often.
    """
    return text * count


def tool09(text: str, count: int = 9) -> str:
    """Repeats a text, tool 9 of a list of the usual length.

    Args:
        text: What to repeat.
        count: How often.
    """
    return text * count


def tool10(text: str, count: int = 10) -> str:
    """Repeats a text, tool 10 of a list of the usual length.

    Args:
        text: What to repeat.
        count: How often.
    """
    return text * count


def tool11(text: str, count: int = 11) -> str:
    """Repeats a text, tool 11 of a list of the usual length.

    Args:
        text: What to repeat.
        count: How often.
    """
    return text * count


def tool12(text: str, count: int = 12) -> str:
    """Repeats a text, tool 12 of a list of the usual length.

    Args:
        text: What to repeat.
        count: How often.
    """
    return text * count


def tool13(text: str, count: int = 13) -> str:
    """Repeats a text, tool 13 of a list of the usual length.

    Args:
        text: What to repeat.
        count: How often.
    """
    return text * count


def tool14(text: str, count: int = 14) -> str:
    """Repeats a text, tool 14 of a list of the usual length.

    Args:
        text: What to repeat.
        count: How often.
    """
    return text * count


def tool15(text: str, count: int = 15) -> str:
    """Repeats a text, tool 15 of a list of the usual length.

    Args:
        text: What to repeat.
        count: How often.
    """
    return text * count


def tool16(text: str, count: int = 16) -> str:
    """Repeats a text, tool 16 of a list of the usual length.

    Args:
        text: What to repeat.
        count: How often.
    """
    return text * count


def tool17(text: str, count: int = 17) -> str:
    """Repeats a text, tool 17 of a list of the usual length.

    Args:
        text: What to repeat.
        count: How often.
    """
    return text * count


def tool18(text: str, count: int = 18) -> str:
    """Repeats a text, tool 18 of a list of the usual length.

    Args:
        text: What to repeat.
        count: How often.
    """
    return text * count


def tool19(text: str, count: int = 19) -> str:
    """Repeats a text, tool 19 of a list of the usual length.

    Args:
        text: What to repeat.
        count: How often.
    """
    return text * count


def tool20(text: str, count: int = 20) -> str:
    """Repeats a text, tool 20 of a list of the usual length.

    Args:
        text: What to repeat.
        count: How often.
    """
    return text * count
