"""Runs whole programs on CPython's asyncio, under virtual time: the Python programs of the documentation.

  run(source) -> [text, error]  what the program printed, and its exception, the way the last line of a traceback says it
"""
import contextlib
import importlib
import io
import sys
import warnings

from interp import OSet


def fresh_asyncio():
    """asyncio as at the start of a process: its count of tasks begins at 1."""
    for name in [n for n in sys.modules if n in ("asyncio", "_asyncio") or n.startswith("asyncio.")]:
        del sys.modules[name]
    asyncio = importlib.import_module("asyncio")
    # Sets keep their order, so that what is printed is always the same.
    asyncio.tasks.set = OSet
    asyncio.taskgroups.set = OSet

    class Selector:
        def select(self, timeout):
            if timeout is None:
                raise RuntimeError("every task waits and no timer is set")
            self.loop._now += timeout
            return ()

        def close(self):
            pass

    class VirtualTimeLoop(asyncio.base_events.BaseEventLoop):
        def __init__(self):
            super().__init__()
            self._now = 0.0
            self._clock_resolution = 1e-9
            self._selector = Selector()
            self._selector.loop = self
            self._made = []

        def time(self):
            return self._now

        def create_task(self, coro, **options):
            task = super().create_task(coro, **options)
            self._made.append(task)
            return task

        def _process_events(self, events):
            pass

        def _write_to_self(self):
            pass

        async def shutdown_default_executor(self, timeout=None):
            pass

    every_task = asyncio.all_tasks

    def all_tasks(loop=None):
        live = every_task(loop)
        return OSet(task for task in asyncio.get_running_loop()._made if task in live)

    asyncio.all_tasks = all_tasks
    asyncio.events.new_event_loop = VirtualTimeLoop
    # Pyodide's own loop counts as running on this thread.
    asyncio.events._set_running_loop(None)
    # The loop belongs to no selector, so that there is nothing Ctrl-C could be handled with.
    asyncio.runners.signal.getsignal = lambda _: None
    return asyncio


def run(source):
    warnings.resetwarnings()
    fresh_asyncio()
    printed = io.StringIO()
    error = None
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            exec(compile(source, "main.py", "exec"), {"__name__": "__main__"})
        except BaseException as raised:
            text = str(raised)
            error = type(raised).__name__ + (f": {text}" if text else "")
            del raised
        importlib.import_module("gc").collect()
    return [printed.getvalue(), error]
