// Each program in a run of its own, which waits for all of its tasks; prints as JSON the tasks that the DeadlockError of each names. All runs
// are in one process, as it has to be without anything to do.
import * as asyncio from "@effect-asyncio/compat"
import { DeadlockError } from "@effect-asyncio/compat/testing"
import { type Program, iterations } from "./go.ts"
import { nameOf, programs } from "./programs.ts"

const waitForAll = async (program: Program) => {
  const tasks = new Set<asyncio.Task<unknown>>()
  program.begin((name, body) => {
    const task = asyncio.createTask(body, { name: nameOf(program, name) })
    tasks.add(task)
    return task
  })
  for (let seen = 0; seen < tasks.size; await iterations(1)) {
    seen = tasks.size
    await asyncio.wait(tasks)
  }
}

/** A program that ends, as one does that has no deadlock, names none. */
const named = async (program: Program): Promise<ReadonlyArray<string>> => {
  try {
    await asyncio.run(() => waitForAll(program), { name: nameOf(program, "waits for all"), onDeadlock: "fail" })
    return []
  } catch (error) {
    if (!(error instanceof DeadlockError)) throw error
    return error.tasks.map((task) => task.getName()).filter((name) => name.startsWith(nameOf(program, "")))
  }
}

const found = await Promise.all(programs.map(named))
console.log(JSON.stringify(found.flat()))
process.exit()
