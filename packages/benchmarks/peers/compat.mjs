import * as asyncio from "@effect-asyncio/compat"

const one = async () => 1

const turns = async (n) => {
  for (let i = 0; i < n; i++) await asyncio.sleep(0)
}

const createAndAwait = async (n) => {
  for (let i = 0; i < n; i++) await asyncio.createTask(one)
}

const createThenAwait = async (n) => {
  const tasks = Array.from({ length: n }, () => asyncio.createTask(one))
  for (const task of tasks) await task
}

const sleepZeroInMany = async (n) => {
  const tasks = Array.from({ length: 100 }, () => asyncio.createTask(() => turns(n / 100)))
  for (const task of tasks) await task
}

export const compat = {
  name: "compat",
  createAndAwait: (n) => asyncio.run(() => createAndAwait(n)),
  createThenAwait: (n) => asyncio.run(() => createThenAwait(n)),
  sleepZero: (n) => asyncio.run(() => turns(n)),
  sleepZeroInMany: (n) => asyncio.run(() => sleepZeroInMany(n))
}
