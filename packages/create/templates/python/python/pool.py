"""The program that is moved: workers that take jobs from a queue until it is empty, or until they are stopped."""
import asyncio


async def worker(name, jobs, results):
    try:
        while True:
            job = await jobs.get()
            await asyncio.sleep(job / 10)
            results.append(f"{name} did {job}")
            jobs.task_done()
    finally:
        results.append(f"{name} stops")


async def pool(numbers, workers=2):
    jobs = asyncio.Queue()
    for number in numbers:
        jobs.put_nowait(number)
    results = []
    tasks = [asyncio.create_task(worker(f"worker-{n}", jobs, results), name=f"worker-{n}") for n in range(workers)]
    await jobs.join()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return results


async def main():
    for line in await pool([3, 1, 2, 1]):
        print(line)


if __name__ == "__main__":
    asyncio.run(main())
