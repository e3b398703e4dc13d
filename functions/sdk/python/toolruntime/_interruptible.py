"""time.sleep that a cancellation ends: an exception thrown into a thread does not wake it from a system call."""

import time

from toolruntime._context import Waiter
from toolruntime._lazy import is_in_event_loop
from toolruntime._output import current_call

_sleep = time.sleep


def install() -> None:
    """Replaces time.sleep."""
    time.sleep = sleep


def sleep(seconds):
    """Suspends the thread for a number of seconds."""
    call = current_call.get()
    if call is None or seconds <= 0 or is_in_event_loop():
        return _sleep(seconds)
    call.wait(Waiter(), seconds)
    return None
