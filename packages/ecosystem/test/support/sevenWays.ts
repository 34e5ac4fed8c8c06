/**
 * The seven ways in which a cancellation meets a library, each with the one right answer.
 */
import * as asyncio from "@effect-asyncio/compat"
import { assert, beforeAll, afterAll, describe, it } from "vitest"
import type { Tried, Usage } from "../../src/results.ts"

/** One use of a library that does not end by itself. */
export interface Attempt {
  /** Runs in a task; what it awaits is the library's. */
  readonly run: () => Promise<unknown>
  /** Settles when the operation is under way, at the server say. */
  readonly begun: Promise<unknown>
  /** Settles when the other side has seen that the operation was stopped, where that can be seen. */
  readonly stopped?: Promise<unknown> | undefined
}

export interface Setting {
  /** Makes what the attempts need: a server, a connection. */
  readonly open?: () => Promise<void>
  readonly close?: () => Promise<void>
  readonly attempt: () => Attempt
  /** It ends as if nothing had happened: code that goes on behind it has to ask the signal. */
  readonly quiet?: boolean
  /** How many attempts of the last way are under way at a time. */
  readonly atOnce?: number
  /** Fewer rounds in the last way, where one takes long. */
  readonly rounds?: number
  /** Why the usage cannot be tried here. */
  readonly skip?: string | undefined
}

const rounds = Number(process.env.ECOSYSTEM_ROUNDS ?? "200")

const roundsOf = (setting: Setting): number => Math.min(rounds, setting.rounds ?? rounds)

declare module "vitest" {
  interface TaskMeta {
    usage?: Tried
  }
}

/** How a task ends, in a word; anything that is no cancellation shows itself. */
const outcomeOf = async (task: PromiseLike<unknown>): Promise<string> => {
  try {
    return `returned ${String(await task)}`
  } catch (error) {
    if (error instanceof asyncio.CancelledError) return `cancelled: ${error.reason}`
    return error instanceof Error ? `${error.name}: ${error.message}` : `threw ${String(error)}`
  }
}

/** The operation is under way; one that ended before fails the test at once, and does not hang it. */
const underWay = async (begun: Promise<unknown>, task: PromiseLike<unknown>): Promise<void> => {
  const ended = outcomeOf(task).then((outcome) => `ended before it was under way: ${outcome}`)
  const first = await Promise.race([begun.then(() => undefined), ended])
  if (first !== undefined) throw new Error(first)
}

/** Lets what belongs to the attempt and nobody awaits come to its end; a late rejection would be seen here. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 5))

const cancelledAndUncaught = async ({ begun, run, stopped }: Attempt) => {
  const task = asyncio.createTask(run)
  await underWay(begun, task)
  task.cancel("no longer needed")
  assert.strictEqual(await outcomeOf(task), "cancelled: no longer needed")
  assert.isTrue(task.cancelled(), "the task ends cancelled")
  await stopped
}

const caughtThenAwaits = async ({ begun, run, stopped }: Attempt, quiet = false) => {
  const seen: Array<string> = []
  const task = asyncio.createTask(async () => {
    const signal = asyncio.currentSignal()
    try {
      await run()
      if (quiet) signal.throwIfAborted()
      seen.push("went on")
    } catch (error) {
      seen.push(asyncio.isCancelled(error) ? "cancelled" : `failed with ${String(error)}`)
      await asyncio.sleep(0)
      seen.push("first await of the cleanup")
      await asyncio.sleep(1)
      seen.push("second await of the cleanup")
      throw error
    }
  })
  await underWay(begun, task)
  task.cancel("no longer needed")
  assert.strictEqual(await outcomeOf(task), "cancelled: no longer needed")
  assert.deepStrictEqual(seen, ["cancelled", "first await of the cleanup", "second await of the cleanup"])
  await stopped
}

const insideTimeout = async ({ begun, run, stopped }: Attempt) => {
  const task = asyncio.createTask(async () => {
    const limited = await outcomeOf(
      asyncio.timeout(undefined, async (deadline) => {
        void begun.then(() => deadline.reschedule(asyncio.getRunningLoop().time() + 1))
        await run()
      })
    )
    await asyncio.sleep(0)
    return `${limited.split(":")[0]}, then goes on with ${asyncio.currentTask()?.cancelling()} requests`
  })
  assert.strictEqual(await outcomeOf(task), "returned TimeoutError, then goes on with 0 requests")
  await stopped
}

const withFailingSibling = async ({ begun, run, stopped }: Attempt) => {
  const failures = async () => {
    try {
      await asyncio.taskGroup(async (group) => {
        group.createTask(run)
        group.createTask(async () => {
          await begun
          throw new RangeError("the sibling")
        })
      })
      return "no failure"
    } catch (error) {
      if (!(error instanceof asyncio.ExceptionGroup)) return String(error)
      return error.errors.map(String).join(", ")
    }
  }
  assert.strictEqual(await failures(), "RangeError: the sibling")
  await stopped
}

const beforeItBegins = async ({ run }: Attempt) => {
  const task = asyncio.createTask(async () => {
    asyncio.currentTask()?.cancel("too early")
    await run()
    return "went on"
  })
  assert.strictEqual(await outcomeOf(task), "cancelled: too early")
}

const inCatchCancelled = async ({ begun, run, stopped }: Attempt) => {
  const task = asyncio.createTask(async () => {
    const caught = await asyncio.catchCancelled(run, (error) => `caught ${error.reason}`)
    await asyncio.sleep(0)
    asyncio.currentTask()?.uncancel()
    await asyncio.sleep(1)
    return caught
  })
  await underWay(begun, task)
  task.cancel("no longer needed")
  assert.strictEqual(await outcomeOf(task), "returned caught no longer needed")
  await stopped
}

const cancelOne = async ({ begun, run, stopped }: Attempt) => {
  const task = asyncio.createTask(run)
  await underWay(begun, task)
  task.cancel()
  assert.strictEqual(await outcomeOf(task), "cancelled: undefined")
  await stopped
}

/** Bytes in use after a full collection. */
const heapUsed = async (): Promise<number> => {
  for (let i = 0; i < 3; i++) {
    await settle()
    ;(globalThis as { gc?: () => void }).gc?.()
  }
  return process.memoryUsage().heapUsed
}

/** What a process in use gains and loses by itself, in bytes. */
const noise = 200_000

/** Caches and pools of the library are no leak, nor is what it compiles while it warms up: a leak grows with every half of the rounds. */
const again = async (setting: Setting) => {
  const count = roundsOf(setting)
  const half = async () => {
    for (let done = 0; done < count / 2; done += setting.atOnce ?? 10) {
      await asyncio.gather(Array.from({ length: setting.atOnce ?? 10 }, () => () => cancelOne(setting.attempt())))
    }
    return heapUsed()
  }
  let before = await half()
  let least = Infinity
  for (let tries = 0; tries < 8 && least > 2_000; tries++) {
    const after = await half()
    least = Math.min(least, (after - before - noise) / (count / 2))
    before = after
  }
  assert.isBelow(least, 2_000, "bytes that stay for each round")
}

export const sevenWays = (usage: Usage, setting: Setting): void => {
  describe.skipIf(setting.skip !== undefined)(`${usage.library}: ${usage.operation}`, () => {
    const noticed: Array<string> = []
    const onRejection = (error: unknown) => void noticed.push(`unhandled rejection: ${String(error)}`)
    const onWarning = (warning: Error) => void noticed.push(`warning: ${warning.message}`)

    beforeAll(async () => {
      process.on("unhandledRejection", onRejection)
      process.on("warning", onWarning)
      await setting.open?.()
    })
    afterAll(async () => {
      await setting.close?.()
      process.off("unhandledRejection", onRejection)
      process.off("warning", onWarning)
    })

    // Also a test that is skipped says whose it is.
    const meta = { usage: { ...usage, rounds: roundsOf(setting) } }
    const way = (title: string, body: () => Promise<void>) =>
      it(title, { meta }, async () => {
        await asyncio.run(body)
        await settle()
        assert.deepStrictEqual(noticed.splice(0), [])
      })

    way("cancelled and uncaught", () => cancelledAndUncaught(setting.attempt()))
    way("caught, then an await in the cleanup", () => caughtThenAwaits(setting.attempt(), setting.quiet))
    way("inside timeout", () => insideTimeout(setting.attempt()))
    way("in a group with a failing sibling", () => withFailingSibling(setting.attempt()))
    way("cancelled before it begins", () => beforeItBegins(setting.attempt()))
    way("in catchCancelled", () => inCatchCancelled(setting.attempt()))
    way("again and again: nothing unhandled, no warning, no leak", () => again(setting))
  })
}
