/**
 * Runs a random program, and says which of the invariants do not hold behind it.
 *
 * - What was acquired is released once, and what was begun has ended once.
 * - Every permit is back, and every lock free.
 * - Every item that was put is got once, or is in the queue.
 * - No task is left, and the run ends.
 * - A report is one of a failure that the program has made, and comes once.
 * - No rejection is unhandled.
 *
 * Two programs may run at the same time, each on a loop of its own.
 */
import * as asyncio from "@effect-asyncio/core"
import * as compat from "@effect-asyncio/compat"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect, Fiber, Schedule, Stream } from "effect"
import type { Chaos, Program } from "./program.ts"

type Part = Effect.Effect<unknown, unknown>

/** The account of one run. */
class World {
  readonly lock: asyncio.Lock
  readonly semaphore: asyncio.Semaphore
  readonly bounded: asyncio.BoundedSemaphore
  readonly queue: asyncio.Queue<number>
  /** The items that are in the queue or were, and those that were got. */
  readonly put: Array<number> = []
  readonly got: Array<number> = []
  items = 0
  readonly reported = new Set<string>()
  readonly wrong: Array<string> = []
  begun = 0
  ended = 0
  acquired = 0
  released = 0

  constructor() {
    this.lock = Effect.runSync(asyncio.Lock.make())
    this.semaphore = Effect.runSync(asyncio.Semaphore.make(2))
    this.bounded = Effect.runSync(asyncio.BoundedSemaphore.make(1))
    this.queue = Effect.runSync(asyncio.Queue.make<number>())
  }
}

class Failure extends Error {
  override readonly name = "Failure"
}

/** What is begun has to end, however it ends. */
const counted = (world: World, part: Part): Part =>
  Effect.suspend(() => {
    world.begun++
    return Effect.onExit(part, () => Effect.sync(() => void world.ended++))
  })

const acquire = (world: World): Effect.Effect<void> => Effect.sync(() => void world.acquired++)
const release = (world: World) => (): Effect.Effect<void> => Effect.sync(() => void world.released++)

const promiseOf = (world: World, part: Program): Promise<unknown> => compat.runEffect(effectOf(world, part))

async function* generatorOf(world: World, part: Program): AsyncGenerator {
  world.acquired++
  try {
    yield await promiseOf(world, part)
  } finally {
    world.released++
  }
}

const inDisposedGroup = async (world: World, part: Program): Promise<void> => {
  await using group = new compat.TaskGroup()
  group.createTask(() => promiseOf(world, part))
}

const generated = async (world: World, part: Program): Promise<void> => {
  for await (const _ of generatorOf(world, part)) await compat.sleep(1)
}

/** The same generator, read by a stream. */
const pulled = (world: World, part: Program): Part =>
  Stream.fromAsyncIterable(generatorOf(world, part), (error) => error).pipe(
    Stream.mapEffect(() => Effect.yieldNow),
    Stream.runDrain
  )

const holding = (semaphore: asyncio.BoundedSemaphore, part: Part): Part =>
  Effect.acquireUseRelease(
    semaphore.acquire,
    () => part,
    () => semaphore.release
  )

const withSignal = (world: World, part: Program): Part =>
  asyncio.timeout(
    100,
    Effect.tryPromise({
      try: (signal) =>
        new Promise((resolve, reject) => {
          world.acquired++
          // One of the two ends it.
          let isOver = false
          const end = (then: () => void): void => {
            if (!isOver) {
              isOver = true
              world.released++
            }
            then()
          }
          signal.addEventListener("abort", () => end(() => reject(signal.reason as Error)))
          queueMicrotask(() => end(() => resolve(undefined)))
        }),
      catch: (error) => error
    }).pipe(Effect.ignore, Effect.andThen(effectOf(world, part)))
  )

/** Puts an item, and gets one behind the part; where that is cancelled, the item stays. */
const withItem = (world: World, inner: Part): Part =>
  Effect.suspend(() => {
    const item = world.items++
    return Effect.map(world.queue.putNowait(item), () => world.put.push(item))
  }).pipe(Effect.andThen(inner), Effect.andThen(Effect.map(world.queue.get, (item) => world.got.push(item))))

const itemsLost = ({ got, put, queue }: World): ReadonlyArray<number> => {
  const left: Array<number> = []
  while (!queue.empty()) left.push(Effect.runSync(queue.getNowait))
  const found = [...got, ...left].toSorted((a, b) => a - b)
  return found.join() === put.toSorted((a, b) => a - b).join()
    ? []
    : put.filter((item) => found.filter((each) => each === item).length !== 1)
}

type Timed = Extract<Program, { readonly part: Program; readonly time: number }>
type WithPart = Exclude<Extract<Program, { readonly part: Program }>, Timed>

const partOf = (world: World, { kind, part }: WithPart): Part => {
  const inner = effectOf(world, part)
  switch (kind) {
    case "lock":
      return world.lock.use(inner)
    case "permit":
      return world.semaphore.use(inner)
    case "bounded":
      return holding(world.bounded, inner)
    case "resource":
      return Effect.acquireUseRelease(acquire(world), () => inner, release(world))
    case "scope":
      return Effect.scoped(Effect.andThen(Effect.acquireRelease(acquire(world), release(world)), inner))
    case "uninterruptible":
      return Effect.uninterruptible(inner)
    case "restored":
      return Effect.uninterruptibleMask((restore) => Effect.andThen(Effect.yieldNow, restore(inner)))
    case "shielded":
      return asyncio.shielded(inner)
    case "task":
      return asyncio.taskGroup((group: asyncio.TaskGroup) => Effect.flatMap(group.createTask(inner), (task) => task))
    case "toEffect":
      return compat.toEffect(() => promiseOf(world, part))
    case "disposal":
      return compat.toEffect(() => inDisposedGroup(world, part))
    case "generator":
      return compat.toEffect(() => generated(world, part))
    case "signal":
      return withSignal(world, part)
    case "retry":
      return Effect.retry(inner, Schedule.recurs(1))
    case "repeat":
      return Effect.repeat(inner, { schedule: Schedule.spaced(5), times: 1 })
    case "pulled":
      return pulled(world, part)
    case "item":
      return withItem(world, inner)
    case "ignore":
  }
  return Effect.ignore(inner)
}

const timedOf = (world: World, { kind, part, time }: Timed): Part => {
  const inner = effectOf(world, part)
  switch (kind) {
    case "timeout":
      return asyncio.timeout(time, inner)
    case "effectTimeout":
      return Effect.timeout(inner, time)
    case "moveOn":
  }
  return asyncio.moveOn(time, inner)
}

const pairOf = (
  world: World,
  kind: Extract<Program, { readonly parts: unknown }>["kind"],
  parts: readonly [Program, Program]
): Part => {
  const [first, second] = [effectOf(world, parts[0]), effectOf(world, parts[1])]
  switch (kind) {
    case "then":
      return Effect.andThen(first, second)
    case "ensuring":
      return Effect.ensuring(first, Effect.ignore(second))
    case "group":
      return asyncio.taskGroup((group: asyncio.TaskGroup) => Effect.andThen(group.createTask(first), second))
    case "gather":
      // What the others leave when one fails ends by itself, and is waited for.
      return asyncio.gather([first, second], { returnExceptions: true })
    case "all":
      return Effect.all([first, second], { concurrency: "unbounded" })
    case "effectRace":
      return Effect.race(first, second)
    case "race":
      return asyncio.race([first, second])
    case "anyOf":
      return asyncio.anyOf([first, second])
    case "stream":
      return Stream.runDrain(Stream.mapEffect(Stream.make(first, second), (each) => each, { concurrency: 2 }))
    case "fork":
      return Effect.flatMap(Effect.forkChild(first), (fiber) => Effect.andThen(second, Fiber.join(fiber)))
    case "promises":
  }
  return compat.toEffect(async () => {
    await Promise.allSettled([promiseOf(world, parts[0]), promiseOf(world, parts[1])])
  })
}

const leafOf = (world: World, program: Program): Part => {
  switch (program.kind) {
    case "sleep":
      return asyncio.sleep(program.time)
    case "effectSleep":
      return Effect.sleep(program.time)
    case "promise":
      return Effect.flatMap(asyncio.getRunningLoop, (loop) =>
        Effect.promise(
          () => new Promise((resolve) => void loop.callLaterUnsafe(program.time, () => resolve(undefined)))
        )
      )
    case "yield":
      return Effect.yieldNow
    case "iteration":
      return asyncio.sleep(0)
    case "fail":
      return Effect.fail(new Failure())
    case "thread":
      return asyncio.toThread((n: number) => n + 1, 1)
  }
  if ("parts" in program) return pairOf(world, program.kind, program.parts)
  return "time" in program ? timedOf(world, program) : partOf(world, program)
}

const effectOf = (world: World, program: Program): Part => Effect.suspend(() => counted(world, leafOf(world, program)))

/** A program may take this long by itself, cleanup and all, in virtual milliseconds. */
const patience = 100_000

/** What does not hold; nothing, as it should be. */
export const violations = async ({ beside, cancels, program }: Chaos): Promise<ReadonlyArray<string>> => {
  const programs = beside === undefined ? [program] : [program, beside]
  return (await Promise.all(programs.map((each) => violationsOf(each, cancels)))).flat()
}

const violationsOf = async (program: Program, cancels: Chaos["cancels"]): Promise<ReadonlyArray<string>> => {
  const world = new World()
  const { wrong } = world
  const main = Effect.gen(function* () {
    const loop = yield* asyncio.getRunningLoop
    loop.setExceptionHandlerUnsafe((_, { exception, message, task }) => {
      const isOwn = message.includes("never retrieved") || message.includes("shielded future")
      if (!isOwn) wrong.push(`reported: ${message}: ${String(exception)}`)
      // The name in it is of one task alone.
      if (task === undefined) return
      if (world.reported.has(task)) wrong.push(`reported twice: ${message}: ${task}`)
      world.reported.add(task)
    })
    const task = yield* asyncio.createTask(effectOf(world, program), { name: "subject" })
    for (const { after, iterations } of cancels) {
      yield* asyncio.sleep(after)
      for (let left = iterations; left > 0; left--) yield* asyncio.sleep(0)
      yield* task.cancel("chaos")
    }
    yield* asyncio.wait([task], { timeout: patience })
    if (!task.done()) wrong.push(`does not end: ${String(task)}`)
    else yield* Effect.exit(task)
    // What a scope has left in flight ends within its own time.
    yield* asyncio.sleep(1000)
    const left = (yield* asyncio.allTasks).size - 1
    if (left > 0) wrong.push(`${left} tasks are left`)
  })
  await asyncio
    .run(main, { loopFactory: makeVirtualTimeLoop, handleSigint: false })
    .catch((error: unknown) => wrong.push(`the run fails: ${String(error)}`))
  if (world.begun !== world.ended) wrong.push(`${world.begun} parts have begun and ${world.ended} ended`)
  if (world.acquired !== world.released) wrong.push(`acquired ${world.acquired}, released ${world.released}`)
  const lost = itemsLost(world)
  if (lost.length > 0) wrong.push(`items are lost or doubled: ${lost.join(", ")}`)
  if (world.lock.locked()) wrong.push(`a lock is held: ${String(world.lock)}`)
  if (!String(world.semaphore).includes("unlocked, value:2")) wrong.push(`permits are lost: ${String(world.semaphore)}`)
  if (!String(world.bounded).includes("unlocked, value:1")) wrong.push(`permits are lost: ${String(world.bounded)}`)
  return wrong
}
