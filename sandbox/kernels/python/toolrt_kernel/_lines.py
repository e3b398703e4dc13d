"""The lines of cells, for tracebacks; without importing linecache, which imports tokenize, re and enum."""

import sys

_cells = {}


def remember(filename: str, source: str) -> None:
    """Keeps the lines of a cell where linecache will find them."""
    _cells[filename] = (len(source), None, [line + "\n" for line in source.split("\n")], filename)
    linecache = sys.modules.get("linecache")
    if linecache is not None:
        give(linecache)


def give(linecache) -> None:
    """Gives linecache what was kept."""
    linecache.cache.update(_cells)
    _cells.clear()
