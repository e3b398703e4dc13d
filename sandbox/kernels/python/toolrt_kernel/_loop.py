"""The event loop of cells: one for all of them, so that a task lives on in later ones."""

import sys

# What works within a running loop only, so that a cell which calls it runs in the loop even if it awaits nothing.
_NEEDS_LOOP = frozenset(("create_task", "ensure_future", "get_running_loop", "get_event_loop", "current_task", "all_tasks"))
# What refuses to work there.
_NEEDS_NONE = frozenset(("run_until_complete", "run_forever", "Runner"))


def is_wanted(codes) -> bool:
    """Whether code asks for a running loop without awaiting: what it calls itself, not what it defines."""
    if all(code is None or _NEEDS_LOOP.isdisjoint(code.co_names) for code in codes):
        return False
    names = {name for code in codes if code is not None for name in code.co_names}
    return _NEEDS_NONE.isdisjoint(names) and ("run" not in names or "asyncio" not in names or "subprocess" in names)


class Loop:
    """Runs what cells await."""

    def __init__(self):
        self._loop = None

    def prepare(self) -> None:
        """Lets a cell find the loop of earlier ones, which ``asyncio.run`` takes away."""
        if self._loop is not None and not self._loop.is_closed():
            sys.modules["asyncio"].set_event_loop(self._loop)

    def run(self, coroutine):
        """The value of a coroutine; other tasks have their turns meanwhile."""
        import asyncio

        loop = self._loop = self._current(asyncio)
        asyncio.set_event_loop(loop)
        task = loop.create_task(coroutine)
        try:
            return loop.run_until_complete(task)
        except KeyboardInterrupt:
            # An interrupt that came while the loop waited has left the task as it was.
            task.cancel()
            loop.run_until_complete(asyncio.gather(task, return_exceptions=True))
            raise

    def _current(self, asyncio):
        """The loop in which a cell may have made tasks already."""
        try:
            loop = asyncio.get_event_loop_policy().get_event_loop()
        except RuntimeError:  # asyncio.run has left none
            loop = self._loop
        return asyncio.new_event_loop() if loop is None or loop.is_closed() else loop
