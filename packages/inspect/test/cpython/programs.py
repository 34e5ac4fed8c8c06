# The programs of which ps and pstree are compared: each is a main function, looked at half a second after its beginning. The same programs
# are in programs.ts, in the same order. What is after `# --- NAME` belongs to that program.

# --- the example of CPython's page
async def play(track):
    await asyncio.sleep(5)

async def album(name, tracks):
    async with asyncio.TaskGroup() as tg:
        for track in tracks:
            tg.create_task(play(track), name=track)

async def main():
    async with asyncio.TaskGroup() as tg:
        tg.create_task(album("Sundowning", ["TNDNBTG", "Levitate"]), name="Sundowning")
        tg.create_task(album("TMBTE", ["DYWTYLM", "Aqua Regia"]), name="TMBTE")

# --- one task that sleeps
async def main():
    await asyncio.sleep(5)

# --- tasks that nobody waits for
async def worker():
    await asyncio.sleep(5)

async def main():
    tasks = [asyncio.create_task(worker(), name=name) for name in ("a", "b", "c")]
    await asyncio.sleep(5)

# --- a chain of tasks
async def last():
    await asyncio.sleep(5)

async def middle():
    await asyncio.create_task(last(), name="last")

async def main():
    await asyncio.create_task(middle(), name="middle")

# --- two who wait for the same task
async def worker():
    await asyncio.sleep(5)

async def waiter(task):
    await task

async def main():
    task = asyncio.create_task(worker(), name="worker")
    first = asyncio.create_task(waiter(task), name="first")
    second = asyncio.create_task(waiter(task), name="second")
    await asyncio.sleep(5)

# --- a gather
async def worker():
    await asyncio.sleep(5)

async def main():
    await asyncio.gather(worker(), worker(), worker())

# --- a gather in a gather
async def worker():
    await asyncio.sleep(5)

async def pair():
    await asyncio.gather(worker(), worker())

async def main():
    await asyncio.gather(pair(), pair())

# --- coroutines in coroutines
async def c1():
    await asyncio.sleep(5)

async def c2():
    await c1()

async def c3():
    await c2()

async def c4():
    await c3()

async def main():
    await c4()

# --- tasks with coroutines in common
async def leaf():
    await asyncio.sleep(5)

async def way(name):
    await asyncio.create_task(leaf(), name=name)

async def main():
    async with asyncio.TaskGroup() as tg:
        for name in ("x", "y"):
            tg.create_task(way(f"{name} leaf"), name=name)

# --- a lock that is used
async def critical(lock):
    async with lock:
        await asyncio.sleep(5)

async def main():
    lock = asyncio.Lock()
    async with asyncio.TaskGroup() as tg:
        for name in ("a", "b", "c"):
            tg.create_task(critical(lock), name=name)

# --- a lock that is acquired
async def take(lock):
    await lock.acquire()

async def main():
    lock = asyncio.Lock()
    await lock.acquire()
    await asyncio.create_task(take(lock), name="taker")

# --- a semaphore
async def critical(semaphore):
    async with semaphore:
        await asyncio.sleep(5)

async def main():
    semaphore = asyncio.Semaphore(2)
    async with asyncio.TaskGroup() as tg:
        for name in ("a", "b", "c"):
            tg.create_task(critical(semaphore), name=name)

# --- a bounded semaphore that is acquired
async def take(semaphore):
    await semaphore.acquire()

async def main():
    semaphore = asyncio.BoundedSemaphore(1)
    await semaphore.acquire()
    await asyncio.create_task(take(semaphore), name="taker")

# --- an event
async def listen(event):
    await event.wait()

async def main():
    event = asyncio.Event()
    listeners = [asyncio.create_task(listen(event), name=name) for name in ("a", "b")]
    await asyncio.wait(listeners)

# --- an empty queue
async def consume(queue):
    await queue.get()

async def main():
    queue = asyncio.Queue()
    await asyncio.create_task(consume(queue), name="consumer")

# --- a full queue
async def produce(queue):
    await queue.put(1)
    await queue.put(2)

async def main():
    queue = asyncio.Queue(maxsize=1)
    await asyncio.create_task(produce(queue), name="producer")

# --- a priority queue that is joined
async def main():
    queue = asyncio.PriorityQueue()
    await queue.put(1)
    await queue.join()

# --- a condition
async def wait(condition):
    async with condition:
        await condition.wait()

async def main():
    condition = asyncio.Condition()
    await asyncio.create_task(wait(condition), name="waiter")

# --- the first of several
async def worker(seconds):
    await asyncio.sleep(seconds)

async def main():
    tasks = [asyncio.create_task(worker(seconds), name=f"{seconds}s") for seconds in (4, 5)]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)

# --- a future
async def hold(future):
    await future

async def main():
    await asyncio.create_task(hold(asyncio.get_running_loop().create_future()), name="holder")

# --- a time limit
async def work():
    async with asyncio.timeout(5):
        await asyncio.sleep(10)

async def main():
    await asyncio.create_task(work(), name="worker")

# --- a task with a new name
async def work():
    await asyncio.sleep(5)

async def main():
    task = asyncio.create_task(work())
    task.set_name("a name of more than twenty characters")
    await task

# --- tasks that are done
async def quick():
    pass

async def work():
    await asyncio.create_task(quick())
    await asyncio.sleep(5)

async def main():
    await asyncio.gather(work(), quick())

# --- a task that cleans up
async def work():
    try:
        await asyncio.sleep(5)
    finally:
        await asyncio.sleep(5)

async def main():
    task = asyncio.create_task(work(), name="worker")
    await asyncio.sleep(0)
    task.cancel()
    await task

# --- two in a ring
async def wait_for_other(tasks, i):
    await asyncio.sleep(0)
    await tasks[1 - i]

async def main():
    tasks = []
    tasks.append(asyncio.create_task(wait_for_other(tasks, 0), name="A"))
    tasks.append(asyncio.create_task(wait_for_other(tasks, 1), name="B"))
    await asyncio.sleep(5)
