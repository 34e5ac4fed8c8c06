/**
 * Random programs of contests, groups, mappings and shields, cancelled at random times: no value, item, failure, permit or request is
 * lost, and no task is left. A seed that fails is a program that can be run again alone.
 */
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/compat"
import { makeRandom, type Random, several } from "../random.ts"
import { reportingTo, run, runningLoop } from "../support.ts"

const hour = () => asyncio.sleep("1 hour")

// More by hand: `PROGRAMS=5000`.
const programs = Number(globalThis.process?.env["PROGRAMS"] ?? 100)

type Program = () => Promise<unknown>

/** Catches a cancellation, and nothing else. */
const uncancelled = async (body: Program, caught: Program): Promise<unknown> => {
  try {
    return await body()
  } catch (error) {
    if (asyncio.isCancelled(error)) return await caught()
    throw error
  }
}

const runTask = async (program: Program, random: Random) => {
  const task = asyncio.createTask(program, { name: "subject" })
  const cancels = random(4)
  for (let i = 0; i < cancels && !task.done(); i++) {
    await asyncio.sleep(random(12))
    // Some iterations later, in the middle of what the others do at that time.
    for (let iterations = random(8); iterations > 0; iterations--) await asyncio.sleep(0)
    task.cancel(`request ${i}`)
  }
  const wasAsked = task.cancelling() > 0
  const [outcome] = await Promise.allSettled([task])
  const left = Array.from(asyncio.allTasks(), (other) => other.getName()).filter((name) => name !== "Task-1")
  return { outcome, wasAsked, wasCancelled: task.cancelled(), left }
}

describe("in random contests", () => {
  /** Values that somebody has to be given, or to hand back. */
  class Values {
    readonly live = new Set<number>()
    #made = 0

    readonly make = async () => {
      this.live.add(++this.#made)
      return this.#made
    }

    readonly discard = async (value: unknown) => {
      await asyncio.sleep(1)
      assert.isTrue(this.live.delete(value as number), "handed back once")
    }
  }

  const contestOf = (random: Random, values: Values, semaphore: asyncio.Semaphore, depth: number): Program => {
    const leaf = (): Program => {
      const after = random(10)
      switch (random(6)) {
        case 0:
          return async () => {
            await asyncio.sleep(after)
            throw new Error("failed")
          }
        case 1:
          return () => hour().finally(() => asyncio.sleep(after))
        case 2:
          return () =>
            uncancelled(
              async () => {
                await asyncio.sleep(20)
                return await values.make()
              },
              async () => {
                await asyncio.sleep(after)
                return await values.make()
              }
            )
        case 3:
          return async () => {
            await semaphore.use(() => asyncio.sleep(after))
            return await values.make()
          }
        default:
          return async () => {
            await asyncio.sleep(after)
            return await values.make()
          }
      }
    }
    if (depth === 0) return leaf()
    const members = several(random, () => contestOf(random, values, semaphore, depth - 1))
    const options = { discard: values.discard }
    const delay = random(3) === 0 ? undefined : random(6)
    switch (random(4)) {
      case 0:
        return () => asyncio.race(members, options)
      case 1:
        return () => asyncio.anyOf(members, options)
      case 2:
        return () => asyncio.staggered(delay, members, options)
      default:
        return leaf()
    }
  }

  it("every value is given to one, or handed back, and every permit comes back", async () => {
    for (let seed = 1; seed <= programs; seed++) {
      const random = makeRandom(seed)
      const values = new Values()
      const main = async () => {
        const semaphore = new asyncio.Semaphore(2)
        const { left, outcome, wasAsked, wasCancelled } = await runTask(contestOf(random, values, semaphore, 3), random)
        if (outcome.status === "fulfilled") values.live.delete(outcome.value as number)
        const program = `seed ${seed}`
        assert.deepStrictEqual(left, [], program)
        assert.deepStrictEqual([...values.live], [], program)
        assert.include(String(semaphore), "unlocked, value:2", program)
        // What has a result or fails although it was asked has caught the request.
        if (outcome.status === "rejected" && wasAsked && !wasCancelled)
          assert.isFalse(asyncio.isCancelled(outcome.reason), program)
      }
      await run(main, { loopFactory: reportingTo([]) })
    }
  })
})

describe("in random groups and mappings", () => {
  interface World {
    readonly random: Random
    readonly semaphore: asyncio.Semaphore
    /** Failures that have happened, and where they were seen. */
    readonly failures: Set<string>
    readonly seen: Set<string>
    /** What was begun and has to end: items, and what gives them. */
    open: number
    /** What is not as it has to be. */
    readonly broken: Array<string>
    /** A failure was caught that may have taken the place of a cancellation. */
    hasCaught: boolean
  }

  const fail = (world: World, name: string): never => {
    const failure = `${name} ${world.failures.size}`
    world.failures.add(failure)
    throw new Error(failure)
  }

  const seeing = (world: World, error: unknown): void => {
    if (error instanceof asyncio.ExceptionGroup) for (const each of error.errors) seeing(world, each)
    else if (error instanceof Error) world.seen.add(error.message)
  }

  /** In asyncio a cancellation takes the place of the failure that an await was woken with in the same iteration. */
  const awaitedBy =
    (world: World, program: Program): Program =>
    async () => {
      try {
        return await program()
      } catch (error) {
        seeing(world, error)
        throw error
      }
    }

  const leafOf = (world: World): Program => {
    const { random, semaphore } = world
    const after = random(10)
    const sleep = () => asyncio.sleep(after)
    const limit = random(2) === 0 ? {} : { limit: random(5) }
    switch (random(8)) {
      case 0:
        return async () => {
          await sleep()
          fail(world, "leaf")
        }
      case 1:
        return () => asyncio.sleep(15).finally(sleep)
      case 2:
        return () =>
          uncancelled(
            () => asyncio.sleep(15),
            async () => {
              await sleep()
              fail(world, "cleanup")
            }
          )
      case 3:
        return () => semaphore.use(sleep)
      case 4:
        return () => asyncio.shielded(() => semaphore.use(sleep), limit)
      case 5: {
        let left = random(3)
        const onRestart = (error: unknown) => seeing(world, error)
        const worker = async () => {
          await sleep()
          if (left-- > 0) fail(world, "run")
        }
        return asyncio.restart(worker, { delay: random(4), times: random(3), onRestart })
      }
      default:
        return sleep
    }
  }

  /** Runs `body` as something that has to end. */
  const opened = async (world: World, body: Program): Promise<unknown> => {
    world.open++
    try {
      return await body()
    } finally {
      world.open--
    }
  }

  /** The same items, from sources of several kinds, which end in several ways. */
  const sourceOf = (world: World, items: ReadonlyArray<Program>): Iterable<Program> | AsyncIterable<Program> => {
    const { random } = world
    const kind = random(5)
    const [between, closing] = [random(4), random(6)]
    const [breaksAt, closesBadly] = [random(3) === 0 ? random(items.length) : -1, random(5) === 0]
    function* read() {
      world.open++
      try {
        for (const [i, item] of items.entries()) {
          if (i === breaksAt) fail(world, "source")
          yield item
        }
        if (closesBadly) fail(world, "closing")
      } finally {
        world.open--
      }
    }
    async function* readSlowly() {
      let failure: unknown
      try {
        for (const item of read()) {
          await asyncio.sleep(between)
          yield item
        }
      } catch (error) {
        failure = error
        throw error
      } finally {
        // What cleanup fails with takes the place of the failure.
        await asyncio.sleep(closing).catch((error: unknown) => {
          seeing(world, failure)
          throw error
        })
        if (closesBadly && failure === undefined) fail(world, "closing")
      }
    }
    async function* readOthers() {
      for (const item of read()) {
        await Promise.resolve()
        yield item
      }
    }
    return [items, new Set(items), read(), readSlowly(), readOthers()][kind]!
  }

  const mappingOf = (world: World, items: ReadonlyArray<Program>): Program => {
    const { random } = world
    const concurrency = [1, 2, 3, Infinity][random(4)]!
    const onFailure = random(2) === 0 ? ("collect" as const) : ("cancel" as const)
    const returnExceptions = random(2) === 0
    return async () => {
      const source = sourceOf(world, items)
      let running = 0
      const begun: Array<Program> = []
      const work = async (item: Program, index: number) => {
        if (index !== begun.push(item) - 1) world.broken.push(`item ${index} was begun as number ${begun.length}`)
        if (++running > concurrency) world.broken.push(`${running} at a time`)
        try {
          await opened(world, item)
          return item
        } finally {
          running--
        }
      }
      const results = await asyncio.mapTasks(source, work, { concurrency, onFailure, returnExceptions })
      // What has not failed has mapped all, in order.
      const mapped = results.map((result: Program | PromiseSettledResult<Program>, i) => {
        if (typeof result === "function") return result
        if (result.status === "fulfilled") return result.value
        seeing(world, result.reason)
        return items[i]
      })
      if (mapped.length !== items.length || mapped.some((each, i) => each !== items[i])) world.broken.push("results")
    }
  }

  const groupOf = (world: World, depth: number): Program => {
    const { random } = world
    if (depth === 0) return leafOf(world)
    const inside = () => groupOf(world, depth - 1)
    const members = several(random, inside)
    const last = inside()
    const onFailure = (["cancel", "collect", (error: unknown) => seeing(world, error)] as const)[random(3)]!
    const limit = random(2) === 0 ? {} : { limit: random(8) }
    const delay = random(12)
    switch (random(7)) {
      case 0:
        return () =>
          asyncio.taskGroup(
            async (group) => {
              for (const member of members) group.createTask(member)
              await last()
            },
            { onFailure }
          )
      case 1:
        return () =>
          asyncio.taskGroup(
            async (group) => {
              for (const member of members) {
                const starting = group.start(async (started: (value: string) => void) => {
                  await awaitedBy(world, member)()
                  started("ready")
                  await last()
                })
                try {
                  await starting
                } catch (error) {
                  if (asyncio.isCancelled(error)) throw error
                  seeing(world, error)
                  world.hasCaught = true
                }
              }
            },
            { onFailure }
          )
      case 2:
        return mappingOf(world, members)
      case 3:
        return () => asyncio.moveOn(delay, last)
      case 4:
        return () => asyncio.shielded(last, limit)
      case 5:
        return async () => {
          await members[0]!()
          await last()
        }
      default:
        return last
    }
  }

  it("every failure is seen or reported, every request arrives, every item is done, and every permit comes back", async () => {
    for (let seed = 1; seed <= programs; seed++) {
      const random = makeRandom(seed)
      const name = `seed ${seed}`
      const reports: Parameters<typeof reportingTo>[0] = []
      const main = async () => {
        const semaphore = new asyncio.Semaphore(2)
        const world: World = {
          random,
          semaphore,
          failures: new Set(),
          seen: new Set(),
          open: 0,
          broken: [],
          hasCaught: false
        }
        const { left, outcome, wasAsked, wasCancelled } = await runTask(groupOf(world, 3), random)
        if (outcome.status === "rejected") seeing(world, outcome.reason)
        assert.deepStrictEqual(left, [], name)
        assert.deepStrictEqual([world.open, world.broken], [0, []], name)
        assert.include(String(semaphore), "unlocked, value:2", name)
        // Nothing here catches a cancellation: who was asked is cancelled, or has failed.
        if (wasAsked && !world.hasCaught) assert.isTrue(wasCancelled || outcome.status === "rejected", name)
        if (outcome.status === "rejected") assert.notInstanceOf(outcome.reason, TypeError, name)
        assert.isAtMost(runningLoop().time(), 1000, name)
        return world
      }
      const world = await run(main, { loopFactory: reportingTo(reports) })
      // What nobody has looked at is reported when the loop is closed, at the latest.
      for (const { exception } of reports) seeing(world, exception)
      assert.deepStrictEqual(
        [...world.failures].filter((failure) => !world.seen.has(failure)),
        [],
        name
      )
    }
  })
})
