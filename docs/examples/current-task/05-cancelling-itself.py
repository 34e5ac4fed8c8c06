import asyncio


async def main():
    print('main coroutine started')
    task = asyncio.current_task()
    canceled = task.cancel()
    print('canceled:', canceled)


asyncio.run(main())
