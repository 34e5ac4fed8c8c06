import asyncio


async def another_coroutine():
    print('executing the task')
    task = asyncio.current_task()
    print(task)


async def main():
    print('main coroutine started')
    task = asyncio.create_task(another_coroutine())
    await task
    print('main coroutine done')


asyncio.run(main())
