from dataclasses import dataclass

from toolruntime import Context


@dataclass
class Booking:
    """A table at a restaurant.

    Attributes:
        people: How many people come.
        time: When, such as 19:30.
    """

    people: int
    time: str


def book_table(restaurant: str, ctx: Context) -> str:
    """Books a table, and asks the person for how many and when.

    Args:
        restaurant: The restaurant's name.
    """
    answer = ctx.elicit(f"A table at {restaurant}: for how many, and when?", Booking)
    if not answer:
        return "nothing was booked"
    return f"{restaurant}: a table for {answer.content.people} at {answer.content.time}"
