// Promises with what it takes to know the current task and to cancel one: AsyncLocalStorage and an AbortController for
// each. A turn is a macrotask, the only one that lets everybody else run.
import { AsyncLocalStorage } from "node:async_hooks"
import { setImmediate } from "node:timers/promises"

const storage = new AsyncLocalStorage()
let made = 0

const createTask = (body) => {
  const task = { name: `Task-${++made}`, controller: new AbortController() }
  const promise = storage.run(task, async () => {
    await Promise.resolve()
    return body()
  })
  return { ...task, promise }
}

const one = async () => 1

const turns = async (n) => {
  for (let i = 0; i < n; i++) await setImmediate()
}

export const promises = {
  name: "native promises",
  createAndAwait: async (n) => {
    for (let i = 0; i < n; i++) await createTask(one).promise
  },
  createThenAwait: async (n) => {
    const tasks = Array.from({ length: n }, () => createTask(one))
    for (const task of tasks) await task.promise
  },
  sleepZero: turns,
  sleepZeroInMany: (n) => Promise.all(Array.from({ length: 100 }, () => createTask(() => turns(n / 100)).promise))
}
