"""SIGINT: it ends the running cell and never the kernel, and it never tears a frame."""

import _signal


class Interrupts:
    """Raises KeyboardInterrupt in the main thread, while a cell runs and outside of critical parts."""

    def __init__(self):
        self._running = False
        self._depth = 0
        self._pending = False
        _signal.signal(_signal.SIGINT, self._handle)

    def begin(self) -> None:
        """From here on SIGINT raises."""
        self._pending = False
        self._depth = 0
        self._running = True

    def end(self) -> None:
        """From here on SIGINT is ignored."""
        self._running = False

    def enter(self) -> None:
        """Holds an interrupt back; only the main thread calls it."""
        self._depth += 1

    def leave(self) -> None:
        """Raises an interrupt that was held back."""
        self._depth -= 1
        if self._pending and self._depth == 0 and self._running:
            self._pending = False
            raise KeyboardInterrupt

    def _handle(self, _signal, _frame) -> None:
        if not self._running:
            return
        if self._depth > 0:
            self._pending = True
            return
        raise KeyboardInterrupt
