from toolruntime import Context


def count_words(pages: list[str], ctx: Context) -> int:
    """Counts words page by page; after a crash it goes on where it was.

    Args:
        pages: The texts.
    """
    state = ctx.previous_checkpoint or {"page": 0, "words": 0}
    while state["page"] < len(pages):
        words = len(pages[state["page"]].split())
        state = {"page": state["page"] + 1, "words": state["words"] + words}
        ctx.checkpoint(state)
        ctx.progress(state["page"], len(pages))
    return state["words"]
