"""asyncio itself: the same programs as its siblings in JavaScript, by the same names.

Reads requests and writes answers as src/worker.ts does, one JSON object a line. `cpython.py uvloop` runs uvloop's loop.
"""

import asyncio
import gc
import json
import math
import platform
import resource
import socket
import subprocess
import sys
import time

HOUR = 3600

if sys.argv[1:] == ["uvloop"]:
    import uvloop

    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())


def memory(field):
    """A figure of this process in bytes, or None where the system does not tell."""
    try:
        with open("/proc/self/status") as status:
            for line in status:
                if line.startswith(field + ":"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return None


class Probe:
    def __init__(self):
        self.counted = 0
        self.counted_cpu = 0
        self.explicit = False
        self.held = None

    def start(self):
        self.explicit = True
        self.started_cpu = time.thread_time_ns()
        self.started = time.perf_counter_ns()

    def stop(self):
        self.counted += time.perf_counter_ns() - self.started
        self.counted_cpu += time.thread_time_ns() - self.started_cpu

    def hold(self):
        gc.collect()
        self.held = memory("VmRSS")


def randoms(count):
    state = 12345
    for _ in range(count):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        yield state / 0x7FFFFFFF


def spread(items):
    count = min(len(items), 1000)
    stride = len(items) / count
    picked = [items[math.floor(i * stride)] for i in range(count)]
    return [item for _, item in sorted(zip(randoms(count), picked), key=lambda pair: pair[0])]


def deadlines(n):
    return [(1 + 9 * random) / 1000 for random in randoms(n)]


async def one():
    return 1


def sleep_long():
    return asyncio.sleep(HOUR)


async def steps(n):
    for _ in range(n):
        await asyncio.sleep(0)


def create_many(n, function):
    return [asyncio.create_task(function()) for _ in range(n)]


async def join_all(tasks):
    for task in tasks:
        await task


async def suspended(n, function):
    tasks = create_many(n, function)
    await asyncio.sleep(0)
    return tasks


async def cancel_all(tasks):
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def cancel_each(tasks, probe):
    picked = spread(tasks)
    probe.start()
    for task in picked:
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            pass
    probe.stop()
    await cancel_all(tasks)


async def create_and_await(n, probe, setting):
    for _ in range(n):
        await asyncio.create_task(one())


async def create_then_await(n, probe, setting):
    await join_all(create_many(n, one))


async def gather(n, probe, setting):
    await asyncio.gather(*[asyncio.sleep(0) for _ in range(n)])


async def task_group(n, probe, setting):
    async with asyncio.TaskGroup() as group:
        for _ in range(n):
            group.create_task(asyncio.sleep(0))


async def sleep_zero(n, probe, setting):
    await steps(n)


async def sleep_zero_in_many(n, probe, setting):
    share = math.ceil(n / setting["tasks"])
    await join_all(create_many(setting["tasks"], lambda: steps(share)))


async def hand_over(n, probe, setting):
    pairs = setting["tasks"]
    queue = asyncio.Queue(maxsize=setting["limit"])
    share = math.ceil(n / pairs)

    async def produce():
        for i in range(share):
            await queue.put(i)

    async def consume():
        for _ in range(share):
            await queue.get()

    await join_all(create_many(pairs, produce) + create_many(pairs, consume))


async def contend(n, tasks, lock):
    share = math.ceil(n / tasks)

    async def worker():
        for _ in range(share):
            async with lock:
                await asyncio.sleep(0)

    await join_all(create_many(tasks, worker))


async def lock(n, probe, setting):
    await contend(n, setting["tasks"], asyncio.Lock())


async def semaphore(n, probe, setting):
    await contend(n, setting["tasks"], asyncio.Semaphore(setting["limit"]))


async def pool(n, probe, setting):
    limited = asyncio.Semaphore(setting["limit"])

    async def job():
        async with limited:
            await asyncio.sleep(0)

    await asyncio.gather(*[job() for _ in range(n)])


async def workers(n, tasks, job):
    left = n

    async def work():
        nonlocal left
        while left > 0:
            left -= 1
            await job()

    await join_all(create_many(tasks, work))


async def pool_of_workers(n, probe, setting):
    await workers(n, setting["limit"], lambda: asyncio.sleep(0))


async def pipeline(n, probe, setting):
    queues = [asyncio.Queue(setting["limit"]) for _ in range(4)]

    async def stage(source, target):
        for _ in range(n):
            await target.put(await source.get() + 1)

    async def feed():
        for i in range(n):
            await queues[0].put(i)

    tasks = [asyncio.create_task(stage(queues[i], queues[i + 1])) for i in range(3)]
    tasks.append(asyncio.create_task(feed()))
    for _ in range(n):
        await queues[3].get()
    await join_all(tasks)


SERVER = """
import asyncio, sys
class Server(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
    def data_received(self, data):
        for _ in range(data.count(b"\\r\\n\\r\\n")):
            self.transport.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")
async def main():
    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    # It ends with the process that reads the port.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
asyncio.run(main())
"""

server_port = None


def port_of_server():
    global server_port
    if server_port is None:
        server = subprocess.Popen([sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        server_port = int(server.stdout.readline())
        # Not to be collected, which would close its stdin.
        port_of_server.server = server
    return server_port


class Client:
    """As little of an HTTP client as it takes; connections are kept."""

    def __init__(self):
        self.idle = []

    async def get(self):
        reader, writer = self.idle.pop() if self.idle else await asyncio.open_connection("127.0.0.1", port_of_server())
        try:
            writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(2)
        except BaseException:
            writer.close()
            raise
        self.idle.append((reader, writer))

    def close(self):
        for _, writer in self.idle:
            writer.close()


async def http_fan_out(n, probe, setting):
    client = Client()
    await workers(n, min(n, 50), lambda: asyncio.wait_for(client.get(), 5))
    client.close()


async def request_samples(n):
    client = Client()
    samples = []
    for _ in range(n):
        sent = time.perf_counter()
        await client.get()
        samples.append((time.perf_counter() - sent) * 1000)
    client.close()
    return samples


async def request_latency(n, probe, setting):
    return await beside(setting["tasks"], request_samples(n))


async def heartbeats(n, probe, setting):
    tasks = min(n, setting["tasks"])
    beats = math.ceil(n / tasks)

    async def heart():
        for _ in range(beats):
            await asyncio.sleep(0.01)

    await join_all(create_many(tasks, heart))


async def retry(n, probe, setting):
    attempt = 0

    async def fickle():
        nonlocal attempt
        await asyncio.sleep(0)
        attempt += 1
        if attempt % 3 != 0:
            raise ValueError("again")

    for _ in range(n):
        for left in (2, 1, 0):
            try:
                await fickle()
                break
            except ValueError:
                if left == 0:
                    raise


async def branch(depth):
    if depth == 0:
        return await asyncio.sleep(0)
    async with asyncio.TaskGroup() as group:
        group.create_task(branch(depth - 1))
        group.create_task(branch(depth - 1))


async def tree(n, probe, setting):
    await branch(math.floor(math.log2(n + 1)) - 1)


async def fork_loop(n, probe, setting):
    tasks = create_many(n, one)
    await asyncio.sleep(0)
    del tasks


async def timers(n, probe, setting):
    await join_all([asyncio.create_task(asyncio.sleep(deadline)) for deadline in deadlines(n)])


async def cancel_sleepers(n, probe, setting):
    tasks = await suspended(n, sleep_long)
    probe.start()
    await cancel_all(tasks)
    probe.stop()


async def link(depth, ready):
    if depth > 1:
        return await asyncio.create_task(link(depth - 1, ready))
    ready.append(depth)
    await sleep_long()


async def cancel_chain(n, probe, setting):
    outermost = []
    ready = []
    left = n
    while left > 0:
        outermost.append(asyncio.create_task(link(min(setting["depth"], left), ready)))
        left -= setting["depth"]
    while len(ready) < len(outermost):
        await asyncio.sleep(0)
    probe.start()
    await cancel_all(outermost)
    probe.stop()


async def node(depth, fails):
    if depth == 0:
        if not fails:
            return await sleep_long()
        await asyncio.sleep(0)
        raise ValueError("leaf")
    async with asyncio.TaskGroup() as group:
        group.create_task(node(depth - 1, False))
        group.create_task(node(depth - 1, fails))


async def failing_tree(n, probe, setting):
    try:
        await node(math.floor(math.log2(n + 1)) - 1, True)
    except BaseExceptionGroup:
        pass


async def current_task(n, probe, setting):
    for _ in range(n):
        asyncio.current_task()


async def frame(depth):
    return asyncio.current_task() if depth == 0 else await frame(depth - 1)


async def current_task_deep(n, probe, setting):
    for _ in range(n):
        await frame(setting["depth"])


async def wait_for_in_time(n, probe, setting):
    for _ in range(n):
        await asyncio.wait_for(asyncio.sleep(0), HOUR)


async def late():
    try:
        await asyncio.wait_for(sleep_long(), 0.001)
    except TimeoutError:
        pass


async def wait_for_expires(n, probe, setting):
    await join_all(create_many(n, late))


async def sleepers(n, probe, setting):
    tasks = await suspended(n, sleep_long)
    probe.hold()
    await cancel_all(tasks)


async def call_graph(n, probe, setting):
    tasks = await suspended(n, sleep_long)

    async def wait_for(task):
        await task

    waiters = [asyncio.create_task(wait_for(task)) for task in tasks]
    await asyncio.sleep(0)
    probe.start()
    for task in tasks:
        asyncio.format_call_graph(task)
    probe.stop()
    await cancel_all(tasks + waiters)


async def beside(tasks, body):
    over = False

    async def spin():
        while not over:
            await asyncio.sleep(0)

    spinners = create_many(tasks, spin)
    result = await body
    over = True
    await join_all(spinners)
    return result


async def timer_samples(n):
    samples = []
    for _ in range(n):
        due = time.perf_counter() + 0.001
        await asyncio.sleep(0.001)
        samples.append((time.perf_counter() - due) * 1000)
    return samples


async def timer_lateness(n, probe, setting):
    return await beside(setting["tasks"], timer_samples(n))


# The clock is the system's: another process's reading of it can be compared.
WRITE_TIME = """
import os, sys, time
while True:
    time.sleep(0.002)
    os.write(int(sys.argv[1]), time.monotonic_ns().to_bytes(8, "little"))
"""


async def host_lateness(n, probe, setting):
    """Another process writes the time into a socket again and again, and the loop calls back with the data. A thread would
    hardly get the interpreter's lock beside a thousand tasks that spin, and measure that."""
    reading, writing = socket.socketpair()
    reading.setblocking(False)
    samples = []

    def on_data():
        data = reading.recv(65536)
        now = time.monotonic_ns()
        for at in range(0, len(data) - 7, 8):
            samples.append((now - int.from_bytes(data[at : at + 8], "little")) / 1e6)

    async def until_enough():
        while len(samples) < n:
            await asyncio.sleep(0)

    loop = asyncio.get_running_loop()
    loop.add_reader(reading, on_data)
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITE_TIME, str(writing.fileno())], pass_fds=[writing.fileno()]
    )
    try:
        await beside(setting["tasks"], until_enough())
    finally:
        writer.kill()
        writer.wait()
        loop.remove_reader(reading)
        reading.close()
        writing.close()
    return samples[:n]


async def cancel_one(n, probe, setting):
    await cancel_each(await suspended(n, sleep_long), probe)


async def cancel_lock_waiter(n, probe, setting):
    held = asyncio.Lock()
    await held.acquire()
    await cancel_each(await suspended(n, held.acquire), probe)


async def cancel_queue_waiter(n, probe, setting):
    queue = asyncio.Queue()
    await cancel_each(await suspended(n, queue.get), probe)


async def remove_done_callback(n, probe, setting):
    future = asyncio.get_running_loop().create_future()
    callbacks = [lambda _, i=i: i for i in range(n)]
    for callback in callbacks:
        future.add_done_callback(callback)
    picked = spread(callbacks)
    probe.start()
    for callback in picked:
        future.remove_done_callback(callback)
    probe.stop()
    future.cancel()


PROGRAMS = {
    "createAndAwait": create_and_await,
    "createThenAwait": create_then_await,
    "gather": gather,
    "taskGroup": task_group if hasattr(asyncio, "TaskGroup") else "TaskGroup is Python 3.11's",
    "sleepZero": sleep_zero,
    "sleepZeroInMany": sleep_zero_in_many,
    "queue": hand_over,
    "lock": lock,
    "semaphore": semaphore,
    "pool": pool,
    "poolOfWorkers": pool_of_workers,
    "mapTasks": "it has none: a pool is written by hand",
    "pipeline": pipeline,
    "httpFanOut": http_fan_out,
    "requestLatency": request_latency,
    "heartbeats": heartbeats,
    "retry": retry,
    "timers": timers,
    "cancelSleepers": cancel_sleepers,
    "cancelChain": cancel_chain,
    "tree": tree if hasattr(asyncio, "TaskGroup") else "TaskGroup is Python 3.11's",
    "failingTree": failing_tree if hasattr(asyncio, "TaskGroup") else "TaskGroup is Python 3.11's",
    "currentTask": current_task,
    "currentTaskDeep": current_task_deep,
    "waitForInTime": wait_for_in_time,
    "waitForExpires": wait_for_expires,
    "sleepers": sleepers if memory("VmRSS") is not None else "the system does not tell how much memory is in use",
    "callGraph": call_graph if hasattr(asyncio, "format_call_graph") else "the call graph is Python 3.14's",
    "snapshot": "it has no snapshot",
    "timerLateness": timer_lateness,
    "hostLateness": host_lateness,
    "cancelOne": cancel_one,
    "cancelLockWaiter": cancel_lock_waiter,
    "cancelQueueWaiter": cancel_queue_waiter,
    "removeDoneCallback": remove_done_callback,
    "forkLoop": fork_loop,
}


def describe():
    versions = {"python": platform.python_version()}
    if sys.argv[1:] == ["uvloop"]:
        versions["uvloop"] = uvloop.__version__
    reasons = {name: program if isinstance(program, str) else None for name, program in PROGRAMS.items()}
    return {"versions": versions, "programs": reasons}


def perform(request):
    gc.collect()
    before = memory("VmRSS")
    try:
        with open("/proc/self/clear_refs", "w") as clear:
            clear.write("5")
    except OSError:
        pass
    probe = Probe()
    started_cpu = time.thread_time_ns()
    started = time.perf_counter_ns()
    for _ in range(request["times"]):
        samples = asyncio.run(PROGRAMS[request["program"]](request["n"], probe, request["setting"]))
    whole = time.perf_counter_ns() - started
    whole_cpu = time.thread_time_ns() - started_cpu
    nanos = (probe.counted if probe.explicit else whole) / request["times"]
    cpu_nanos = (probe.counted_cpu if probe.explicit else whole_cpu) / request["times"]
    peak = memory("VmHWM")
    if peak is None:
        # In kilobytes, but on macOS, where it is bytes.
        scale = 1 if sys.platform == "darwin" else 1024
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale
    answer = {"nanos": nanos, "cpuNanos": cpu_nanos, "peakBytes": max(peak - (before or 0), 0) if before is not None else None}
    if probe.held is not None:
        answer["heldBytes"] = probe.held - before
    if samples is not None:
        answer["samples"] = samples
    return answer


def main():
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = describe() if request["program"] == "describe" else perform(request)
        except BaseException as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


main()
