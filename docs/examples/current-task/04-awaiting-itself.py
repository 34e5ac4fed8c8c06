import asyncio


async def main():
    print('main coroutine started')
    task = asyncio.current_task()
    await task


asyncio.run(main())
