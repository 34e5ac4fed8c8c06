/**
 * Random programs of contests, groups, mappings and shields, cancelled at random times: no value, failure, permit or request is lost,
 * and no task is left. A seed that fails is a program that can be run again alone.
 */
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Cause, Effect, Exit, Schedule, Stream } from "effect"
import { makeRandom, type Random, several } from "../random.ts"
import { run } from "../support.ts"

// More by hand: `PROGRAMS=5000`.
const programs = Number(globalThis.process?.env["PROGRAMS"] ?? 1000)

type Program = Effect.Effect<unknown, unknown>

const runTask = (program: Program, random: Random) =>
  Effect.gen(function* () {
    const loop = yield* asyncio.getRunningLoop
    const task = yield* asyncio.createTask(program, { name: "subject" })
    const cancels = random(4)
    for (let i = 0; i < cancels && !task.done(); i++) {
      yield* asyncio.sleep(random(12))
      // Some iterations later, in the middle of what the others do at that time.
      for (let iterations = random(8); iterations > 0; iterations--) yield* asyncio.sleep(0)
      yield* task.cancel(`request ${i}`)
    }
    const wasAsked = task.cancelling() > 0
    const exit = yield* Effect.exit(task)
    const left = Array.from(yield* asyncio.allTasks, (other) => other.getName()).filter((name) => name !== "Task-1")
    return { exit, wasAsked, wasCancelled: task.cancelled(), left, time: loop.time() }
  })

describe("in random contests", () => {
  /** Values that somebody has to be given, or to hand back. */
  class Values {
    readonly live = new Set<number>()
    #made = 0

    readonly make = Effect.sync(() => {
      this.live.add(++this.#made)
      return this.#made
    })

    readonly discard = (value: unknown) =>
      Effect.andThen(
        asyncio.sleep(1),
        Effect.sync(() => assert.isTrue(this.live.delete(value as number), "handed back once"))
      )
  }

  const contestOf = (random: Random, values: Values, semaphore: asyncio.Semaphore, depth: number): Program => {
    const leaf = (): Program => {
      const after = asyncio.sleep(random(10))
      switch (random(6)) {
        case 0:
          return Effect.andThen(after, Effect.fail("failed"))
        case 1:
          return Effect.ensuring(asyncio.sleep("1 hour", 0), after)
        case 2:
          return asyncio.catchCancelled(Effect.andThen(asyncio.sleep(20), values.make), () =>
            Effect.andThen(after, values.make)
          )
        case 3:
          return Effect.flatMap(semaphore.use(after), () => values.make)
        default:
          return Effect.flatMap(after, () => values.make)
      }
    }
    if (depth === 0) return leaf()
    const members = several(random, () => contestOf(random, values, semaphore, depth - 1))
    const options = { discard: values.discard }
    switch (random(4)) {
      case 0:
        return asyncio.race(members, options)
      case 1:
        return asyncio.anyOf(members, options)
      case 2:
        return asyncio.staggered(random(3) === 0 ? undefined : random(6), members, options)
      default:
        return leaf()
    }
  }

  it("every value is given to one, or handed back, and every permit comes back", async () => {
    for (let seed = 1; seed <= programs; seed++) {
      const random = makeRandom(seed)
      const values = new Values()
      await run(
        Effect.gen(function* () {
          const semaphore = yield* asyncio.Semaphore.make(2)
          const { exit, left, wasAsked, wasCancelled } = yield* runTask(contestOf(random, values, semaphore, 3), random)
          if (Exit.isSuccess(exit)) values.live.delete(exit.value as number)
          const program = `seed ${seed}`
          assert.deepStrictEqual(left, [], program)
          assert.deepStrictEqual([...values.live], [], program)
          assert.include(String(semaphore), "unlocked, value:2", program)
          // What has a result or fails although it was asked has caught the request.
          if (Exit.isFailure(exit) && wasAsked && !wasCancelled)
            assert.isFalse(Cause.hasInterrupts(exit.cause), program)
        })
      )
    }
  })
})

describe("in random groups", () => {
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

  const fails = (world: World, name: string): Program =>
    Effect.suspend(() => {
      const failure = `${name} ${world.failures.size}`
      world.failures.add(failure)
      return Effect.fail(failure)
    })

  const seeing = (world: World, error: unknown): void => {
    if (error instanceof asyncio.ExceptionGroup) for (const each of error.errors) seeing(world, each)
    else if (Cause.isUnknownError(error)) seeing(world, error.cause)
    // A report makes an error of what is none.
    else world.seen.add(String(error).replace("Error: ", ""))
  }

  /** In asyncio a cancellation takes the place of the failure that an await was woken with in the same iteration. */
  const awaitedBy = (world: World, program: Program): Program =>
    Effect.onError(program, (cause) => Effect.sync(() => seeing(world, Cause.squash(cause))))

  const leafOf = (world: World): Program => {
    const { random, semaphore } = world
    const after = asyncio.sleep(random(10))
    switch (random(8)) {
      case 7: {
        let left = random(3)
        const worker = Effect.andThen(
          after,
          Effect.suspend(() => (left-- > 0 ? fails(world, "run") : Effect.void))
        )
        const onRestart = (error: unknown) => Effect.sync(() => seeing(world, error))
        return asyncio.restart(worker, Schedule.recurs(random(3)), { onRestart })
      }
      case 0:
        return Effect.andThen(after, fails(world, "leaf"))
      case 1:
        return Effect.ensuring(asyncio.sleep(15), after)
      case 2:
        return Effect.onInterrupt(asyncio.sleep(15), () => Effect.orDie(Effect.andThen(after, fails(world, "cleanup"))))
      case 3:
        return semaphore.use(after)
      case 4:
        return asyncio.shielded(semaphore.use(after), random(2) === 0 ? undefined : { limit: random(5) })
      default:
        return after
    }
  }

  /** Runs `program` as something that has to end. */
  const opened = (world: World, program: Program): Program =>
    Effect.suspend(() => {
      world.open++
      return Effect.ensuring(
        program,
        Effect.sync(() => void world.open--)
      )
    })

  type Items = Iterable<Program> | AsyncIterable<Program> | Stream.Stream<Program, unknown>

  /** The same items, from sources of several kinds, which end in several ways. */
  const sourceOf = (world: World, items: ReadonlyArray<Program>): Items => {
    const { random } = world
    const kind = random(6)
    const [between, closing] = [random(4), random(6)]
    const [breaksAt, closesBadly] = [random(3) === 0 ? random(items.length) : -1, random(5) === 0]
    const fail = (name: string): never => {
      throw new Error(Effect.runSync(Effect.flip(fails(world, name))) as string)
    }
    function* read() {
      world.open++
      try {
        for (const [i, item] of items.entries()) {
          if (i === breaksAt) fail("source")
          yield item
        }
        if (closesBadly) fail("closing")
      } finally {
        world.open--
      }
    }
    async function* readOthers() {
      for (const item of read()) {
        await Promise.resolve()
        yield item
      }
    }
    // Where a finalizer of Effect's is interrupted, the failure before it is dropped.
    const broken = kind === 5 ? awaitedBy(world, fails(world, "source")) : fails(world, "source")
    const stream = Stream.mapEffect(Stream.fromIterable(items), (item, i) =>
      Effect.andThen(asyncio.sleep(between), i === breaksAt ? broken : Effect.succeed(item))
    ) as Stream.Stream<Program, unknown>
    const closed = Stream.ensuring(stream, asyncio.sleep(closing))
    return [items, new Set(items), read(), readOthers(), stream, closed][kind]!
  }

  const mappingOf = (world: World, items: ReadonlyArray<Program>): Program =>
    Effect.suspend(() => {
      const { random } = world
      const concurrency = [1, 2, 3, Infinity][random(4)]!
      const onFailure = random(2) === 0 ? ("collect" as const) : ("cancel" as const)
      const returnExceptions = random(2) === 0
      let running = 0
      const begun: Array<Program> = []
      const work = (item: Program, index: number): Program => {
        if (index !== begun.push(item) - 1) world.broken.push(`item ${index} was begun as number ${begun.length}`)
        if (++running > concurrency) world.broken.push(`${running} at a time`)
        const done = Effect.sync(() => void running--)
        return Effect.as(Effect.ensuring(opened(world, item), done), item)
      }
      const options = { concurrency, onFailure, returnExceptions }
      const mapped = asyncio.mapTasks(sourceOf(world, items) as Iterable<Program>, work, options)
      return Effect.map(mapped, (results) => {
        // What has not failed has mapped all, in order.
        const given = results.map((result: unknown, i) => {
          if (!Exit.isExit(result) || !returnExceptions) return result
          if (Exit.isSuccess(result)) return result.value
          seeing(world, Cause.squash(result.cause))
          return items[i]
        })
        if (given.length !== items.length || given.some((each, i) => each !== items[i])) world.broken.push("results")
      })
    })

  const groupOf = (world: World, depth: number): Program => {
    const { random } = world
    if (depth === 0) return leafOf(world)
    const inside = () => groupOf(world, depth - 1)
    const members = several(random, inside)
    const onFailure = (["cancel", "collect", (error: unknown) => Effect.sync(() => seeing(world, error))] as const)[
      random(3)
    ]!
    const options = { onFailure } as asyncio.TaskGroupOptions<unknown, Effect.Effect<void>>
    switch (random(7)) {
      case 0: {
        const last = inside()
        return asyncio.taskGroup(
          (group): Program =>
            Effect.gen(function* () {
              for (const member of members) yield* group.createTask(member)
              yield* last
            }),
          options
        )
      }
      case 1:
        return asyncio.taskGroup(
          (group): Program =>
            Effect.gen(function* () {
              for (const member of members) {
                const starting = group.start((started: asyncio.Started<string>) =>
                  Effect.andThen(awaitedBy(world, member), Effect.andThen(started("ready"), inside()))
                )
                yield* Effect.matchCauseEffect(starting, {
                  onSuccess: () => Effect.void,
                  onFailure: (cause) => {
                    if (Cause.hasInterrupts(cause)) return Effect.failCause(cause)
                    seeing(world, Cause.squash(cause))
                    world.hasCaught = true
                    return Effect.void
                  }
                })
              }
            }),
          options
        )
      case 2:
        return mappingOf(world, members)
      case 3:
        return asyncio.moveOn(random(12), inside())
      case 4:
        return asyncio.shielded(inside(), random(2) === 0 ? undefined : { limit: random(8) })
      case 5:
        return Effect.andThen(inside(), inside())
      default:
        return inside()
    }
  }

  it("every failure is seen or reported, every request arrives, and every permit comes back", async () => {
    for (let seed = 1; seed <= programs; seed++) {
      const random = makeRandom(seed)
      const name = `seed ${seed}`
      const world = await run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          const semaphore = yield* asyncio.Semaphore.make(2)
          const world: World = {
            random,
            semaphore,
            failures: new Set(),
            seen: new Set(),
            open: 0,
            broken: [],
            hasCaught: false
          }
          loop.setExceptionHandlerUnsafe((_, { exception }) => seeing(world, exception))
          const program = groupOf(world, 3)
          const { exit, left, wasAsked, wasCancelled } = yield* runTask(program, random)
          if (Exit.isFailure(exit)) seeing(world, Cause.squash(exit.cause))
          assert.deepStrictEqual(left, [], name)
          assert.deepStrictEqual([world.open, world.broken], [0, []], name)
          assert.include(String(semaphore), "unlocked, value:2", name)
          // Nothing here catches a cancellation: who was asked is cancelled, or has failed.
          if (wasAsked && !world.hasCaught) assert.isTrue(wasCancelled || Exit.isFailure(exit), name)
          return world
        })
      )
      // What nobody has looked at is reported when the loop is closed, at the latest.
      assert.deepStrictEqual(
        [...world.failures].filter((failure) => !world.seen.has(failure)),
        [],
        name
      )
    }
  })
})
