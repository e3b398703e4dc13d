"""``%timeit``: how long code takes, measured over and over."""

_FLAGS = "oqtc"
_NUMBERS = "nrp"


class TimeitResult:
    """What ``%timeit -o`` gives."""

    def __init__(self, loops: int, all_runs: list, precision: int):
        import statistics

        self.loops = loops
        self.repeat = len(all_runs)
        self.all_runs = all_runs
        self.timings = [total / loops for total in all_runs]
        self.best, self.worst = min(self.timings), max(self.timings)
        self.average, self.stdev = statistics.mean(self.timings), statistics.pstdev(self.timings)
        self._precision = precision

    def __str__(self) -> str:
        runs, loops = ("" if count == 1 else "s" for count in (self.repeat, self.loops))
        return (f"{duration(self.average, self._precision)} ± {duration(self.stdev, self._precision)} per loop "
                f"(mean ± std. dev. of {self.repeat} run{runs}, {self.loops:,} loop{loops} each)")

    def __repr__(self) -> str:
        return f"<TimeitResult : {self}>"


def run(line: str, cell: str | None, namespace: dict):
    """Times the line or, with the line as its preparation, the cell; prints that and gives it as the options say."""
    import timeit

    options, rest = _options(line)
    statement, preparation = (rest, "pass") if cell is None else (cell, rest)
    timer = timeit.Timer(statement or "pass", preparation or "pass", globals=namespace)
    loops = options.get("n") or timer.autorange()[0]
    result = TimeitResult(loops, timer.repeat(options.get("r", 7), loops), options.get("p", 3))
    if "q" not in options:
        print(result)
    return result if "o" in options else None


def _options(line: str):
    """``({option: number or True}, the rest)``."""
    options = {}
    rest = line.strip()
    while len(rest) > 1 and rest[0] == "-" and rest[1] in _FLAGS + _NUMBERS:
        word, _, rest = rest.partition(" ")
        rest = rest.lstrip()
        for flag in word[1:]:
            if flag in _NUMBERS:
                number = word[word.index(flag) + 1:]
                if not number:
                    number, _, rest = rest.partition(" ")
                options[flag] = int(number)
                rest = rest.lstrip()
                break
            options[flag] = True
    return options, rest


def duration(seconds: float, precision: int = 3) -> str:
    """A time in the unit that suits it."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9)):
        if seconds >= size:
            return f"{seconds / size:.{precision}g} {unit}"
    return f"{seconds / 1e-9:.{precision}g} ns"
