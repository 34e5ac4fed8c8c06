import asyncio


async def another_coroutine():
    print('executing the coroutine')
    task = asyncio.current_task()
    print(task)


async def main():
    print('main coroutine started')
    await another_coroutine()
    print('main coroutine done')


asyncio.run(main())
