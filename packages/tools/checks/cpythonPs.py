"""What `python -m asyncio ps` and `pstree` print of a program, half a second after its beginning.

  texts(source) -> [ps, pstree]  the lines of both; of a ring, those of the error

The tools of CPython read the memory of another process. Here the same structures are made inside of the program, by what
Python itself tells of its coroutines, and given to the functions of asyncio.tools that make text of them.
"""
import collections
import contextlib
import importlib
import io
import sys
import types

from program import fresh_asyncio

FrameInfo = collections.namedtuple("FrameInfo", "funcname filename lineno")
CoroInfo = collections.namedtuple("CoroInfo", "call_stack task_name")
TaskInfo = collections.namedtuple("TaskInfo", "task_id task_name coroutine_stack awaited_by")
AwaitedInfo = collections.namedtuple("AwaitedInfo", "thread_id awaited_by")

stub = types.ModuleType("_remote_debugging")
stub.RemoteUnwinder = stub.FrameInfo = FrameInfo
sys.modules["_remote_debugging"] = stub


def frames(task):
    found = []
    coro = task.get_coro()
    while coro is not None and hasattr(coro, "cr_frame"):
        code = coro.cr_code
        # asyncio's own files have no place here: they are somewhere else on every machine.
        own = "asyncio" in code.co_filename
        place = ("", 0) if own else ("FILE", "N")
        found.append(FrameInfo(code.co_qualname, *place))
        coro = coro.cr_await
    return found[::-1]


def texts(source):
    asyncio = fresh_asyncio()
    scope = {"asyncio": asyncio, "__name__": "__main__"}
    exec(compile(source, "main.py", "exec"), scope)
    seen = []

    def look(loop):
        tasks = [task for task in loop._made if not task.done()]
        numbers = {task: i + 1 for i, task in enumerate(loop._made)}
        infos = [
            TaskInfo(
                numbers[task],
                task.get_name(),
                [CoroInfo(frames(task), task.get_name())],
                [CoroInfo(frames(by), numbers[by]) for by in loop._made if by in (task._asyncio_awaited_by or ())],
            )
            for task in tasks
        ]
        seen.append(AwaitedInfo(1, infos))
        loop.stop()

    runner = asyncio.Runner()
    loop = runner.get_loop()

    loop.create_task(scope["main"]())
    loop.call_later(0.5, look, loop)
    loop.run_forever()
    tools = importlib.import_module("asyncio.tools")
    tools.get_all_awaited_by = lambda _: seen
    result = []
    for print_it in (tools.display_awaited_by_tasks_table, tools.display_awaited_by_tasks_tree):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed), contextlib.suppress(SystemExit):
            print_it(1)
        result.append(printed.getvalue())
    return result
