import * as asyncio from "@effect-asyncio/compat"

// Line by line what python/pool.py does. Its seconds are milliseconds here.

const worker = async (name: string, jobs: asyncio.Queue<number>, results: Array<string>): Promise<void> => {
  try {
    while (true) {
      const job = await jobs.get()
      await asyncio.sleep(1000 * (job / 10))
      results.push(`${name} did ${job}`)
      jobs.taskDone()
    }
  } finally {
    results.push(`${name} stops`)
  }
}

export const pool = async (numbers: ReadonlyArray<number>, workers = 2): Promise<ReadonlyArray<string>> => {
  const jobs = new asyncio.Queue<number>()
  for (const number of numbers) jobs.putNowait(number)
  const results: Array<string> = []
  const tasks = Array.from({ length: workers }, (_, n) =>
    asyncio.createTask(() => worker(`worker-${n}`, jobs, results), { name: `worker-${n}` })
  )
  await jobs.join()
  for (const task of tasks) task.cancel()
  await asyncio.gather(tasks, { returnExceptions: true })
  return results
}
