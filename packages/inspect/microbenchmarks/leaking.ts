// All programs at once, beside tasks that wait for what comes; says "ready" when each task stays where it is.
import * as asyncio from "@effect-asyncio/compat"
import { iterations } from "./go.ts"
import { nameOf, programs } from "./programs.ts"

const hour = "1 hour"

/** What something that lives on refers to. */
const kept: Array<unknown> = []
const keep = <A>(value: A): A => {
  kept.push(value)
  return value
}

/** Tasks that something can still wake. */
const healthy: Readonly<Record<string, () => Promise<unknown>>> = {
  "a timer": () => asyncio.sleep(hour),
  "a promise": () => new Promise<void>((resolve) => void keep(resolve)),
  "a future": async () => await keep(asyncio.getRunningLoop().createFuture<void>()),
  "an event": () => keep(new asyncio.Event()).wait(),
  "a queue": () => keep(new asyncio.Queue()).get(),
  "a condition": () => {
    const condition = keep(new asyncio.Condition())
    return condition.use(() => condition.wait())
  },
  "a lock of one that sleeps": async () => {
    const lock = new asyncio.Lock()
    await lock.acquire()
    asyncio.createTask(() => asyncio.sleep(hour).then(() => lock.release()), { name: "healthy: holds a lock" })
    await lock.acquire()
  },
  "a task that sleeps": async () =>
    await asyncio.createTask(() => asyncio.sleep(hour), { name: "healthy: is waited for" }),
  "a race with a timer": () => asyncio.race([() => asyncio.sleep(hour), () => new Promise(() => {})])
}

const isHealthy = (name: string) => name.startsWith("healthy: ")

const untilAllStay = async (count: number): Promise<void> => {
  for (let stay = 0; stay < 100; stay++) {
    await iterations(1)
    const names = [...asyncio.allTasks()].map((task) => task.getName())
    if (names.filter((name) => name.includes(": ") && !isHealthy(name) && !name.includes(", case ")).length > count) {
      stay = 0
    }
  }
}

const main = async () => {
  for (const [kind, body] of Object.entries(healthy)) {
    for (let i = 0; i < 10; i++) asyncio.createTask(body, { name: `healthy: ${kind}` })
  }
  for (const program of programs) {
    program.begin((name, body) => asyncio.createTask(body, { name: nameOf(program, name) }))
  }
  await untilAllStay(programs.reduce((sum, { lost }) => sum + lost.length, 0))
  console.log("ready")
  await asyncio.sleep(hour)
}

await asyncio.run(main)
