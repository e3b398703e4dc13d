"""Whose turn it is to read frames, and how a short call avoids handing it on.

Handing the reading to another thread costs four context switches a call, measured with sixteen calls in flight: twice
the work of a small call itself. So the reader keeps its turn while it runs a call that has been quick so far. A watcher
takes the turn from it when the call lasts, so that no call, cancellation or answer of the host waits longer than 10 ms.
"""

import _thread
import time

_WATCH_SECONDS = 0.005
_QUIET_ROUNDS = 20

# Kept before the worker replaces time.sleep by one that a cancellation interrupts.
_sleep = time.sleep


class Turn:
    """A lock that its holder may lose while it runs a call."""

    def __init__(self):
        self._lock = _thread.allocate_lock()
        # Holds one token while the reader runs a call; who pops it decides about the turn.
        self._kept = []
        self._count = 0
        self._asleep = _thread.allocate_lock()
        self._asleep.acquire()
        self._is_watched = False
        self._can_watch = None
        self.acquire = self._lock.acquire
        self.release = self._lock.release

    def keep(self) -> bool:
        """The reader is about to run a call; false where it must hand on first."""
        if not self._is_watched and not self._wake_watcher():
            return False
        self._count += 1
        self._kept.append(True)
        return True

    def regain(self) -> bool:
        """After that call: whether the turn is still the reader's."""
        try:
            self._kept.pop()
        except IndexError:
            return False
        return True

    def give_up(self) -> None:
        """Hands the turn on, if a call is run with it: it lasts, or is about to wait."""
        try:
            self._kept.pop()
        except IndexError:
            return
        self._lock.release()

    def _wake_watcher(self) -> bool:
        if self._can_watch is None:
            try:
                _thread.start_new_thread(self._watch, ())
                self._can_watch = True
            except RuntimeError:  # no room for a thread
                self._can_watch = False
        if self._can_watch:
            self._is_watched = True
            try:
                self._asleep.release()
            except RuntimeError:  # it has not slept since
                pass
        return self._can_watch

    def _watch(self) -> None:
        while True:
            self._asleep.acquire()
            seen = quiet = -1
            while quiet < _QUIET_ROUNDS:
                _sleep(_WATCH_SECONDS)
                count = self._count
                quiet = quiet + 1 if count == seen else 0
                if quiet and self._kept:
                    self.give_up()
                seen = count
                if quiet == _QUIET_ROUNDS:
                    self._is_watched = False
                    # A call may have begun just before.
                    if self._count != seen or self._kept:
                        self._is_watched = True
                        quiet = 0
