/**
 * An application's copy of core beside the one that compat has brought: errors and guards are the same to both, and what cannot be
 * used on the other one's loop says so where they first meet.
 */
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { Effect } from "effect"
import { cpSync, rmSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { rejection, run, text } from "../support.ts"

const source = fileURLToPath(new URL("../../../core/src", import.meta.url))
// Beside the first one, from where `effect` is found as well, and in a folder that is nobody's sources.
const copied = fileURLToPath(new URL("../../../core/coverage/second/src", import.meta.url))

let other: typeof core

beforeAll(async () => {
  cpSync(source, copied, { recursive: true })
  other = (await import(/* @vite-ignore */ `${copied}/index.ts`)) as typeof core
})

afterAll(() => rmSync(fileURLToPath(new URL("../../../core/coverage/second", import.meta.url)), { recursive: true }))

const message = "RuntimeError: two copies of @effect-asyncio/core are loaded, and this is the other one's event loop"

const oneLine = (error: unknown): string => String(error).split("\n")[0]!

/** How an Effect ends in a run of compat, whose core is the first copy. */
const inCompat = (effect: () => Effect.Effect<unknown, unknown>): Promise<string> =>
  run(async () => oneLine(await rejection(asyncio.runEffect(effect()))))

describe("two copies of core", () => {
  it("are two", () => {
    assert.notStrictEqual(other.Lock, core.Lock)
    assert.notStrictEqual(other.CancelledError, core.CancelledError)
  })

  it("know each other's errors", () => {
    const make = (from: typeof core): ReadonlyArray<Error> => [
      new from.CancelledError("enough"),
      new from.TimeoutError("late"),
      new from.InvalidStateError("invalid state"),
      new from.RuntimeError("a"),
      new from.ValueError("a"),
      new from.KeyboardInterrupt(),
      new from.QueueEmpty(),
      new from.QueueFull(),
      new from.QueueShutDown(),
      new from.BrokenBarrierError("broken"),
      new from.ExceptionGroup("several", [new Error("a")])
    ]
    const types = (of: typeof core) => [
      of.CancelledError,
      of.TimeoutError,
      of.InvalidStateError,
      of.RuntimeError,
      of.ValueError,
      of.KeyboardInterrupt,
      of.QueueEmpty,
      of.QueueFull,
      of.QueueShutDown,
      of.BrokenBarrierError,
      of.ExceptionGroup
    ]
    const known = (errors: ReadonlyArray<Error>, by: typeof core) =>
      errors.map((error) => types(by).map((type) => error instanceof type))

    const diagonal = types(core).map((_, row) => types(core).map((_, column) => row === column))
    assert.deepStrictEqual(known(make(other), core), diagonal)
    assert.deepStrictEqual(known(make(core), other), diagonal)
    assert.isTrue(lowlevel.isCancelledError(new other.CancelledError()))
  })

  it("count their tasks together, and refuse each other's trees", async () => {
    const idOf = (from: typeof core) =>
      from.run(
        Effect.map(from.currentTask, (task) => task.id),
        { handleSigint: false }
      )
    const ids = [await idOf(core), await idOf(other), await idOf(core), await idOf(other)]
    const task = await core.run(core.currentTask, { handleSigint: false })
    const refusal = (refused: Effect.Effect<unknown>) => rejection(other.run(refused, { handleSigint: false }))
    const refusals = [await refusal(other.cancelTree(task)), await refusal(other.promote(task))]

    assert.deepStrictEqual(
      ids,
      ids.map((_, n) => ids[0]! + n)
    )
    assert.deepStrictEqual(refusals.map(oneLine), [message, message])
  })

  it("tell the errors from look-alikes, and classes that are made from them", () => {
    class Mine extends core.RuntimeError {}
    const lookAlike = Object.assign(new Error("a"), { name: "RuntimeError", _tag: "CancelledError" })
    const revoked = Proxy.revocable({}, {})
    revoked.revoke()

    assert.deepStrictEqual(
      {
        byName: lookAlike instanceof core.RuntimeError,
        byTag: lookAlike instanceof core.CancelledError,
        ofParent: new core.RuntimeError("a") instanceof Mine,
        ofChild: new Mine("a") instanceof other.RuntimeError,
        revoked: lowlevel.isCancelledError(revoked.proxy),
        nothing: (undefined as unknown) instanceof core.ValueError
      },
      { byName: false, byTag: false, ofParent: false, ofChild: true, revoked: false, nothing: false }
    )
  })

  it("take an error of the other one for what it is: a task ends cancelled, a group keeps it", () =>
    run(async () => {
      const cancelled = asyncio.createTask(async () => {
        throw new other.CancelledError("enough")
      })
      const error = rejection(
        asyncio.taskGroup(async () => {
          throw new other.ExceptionGroup("inner", [new Error("a")])
        })
      )

      assert.strictEqual(await text(cancelled), "CancelledError: enough")
      const group = (await error) as asyncio.ExceptionGroup
      assert.deepStrictEqual(
        [cancelled.cancelled(), group.split(() => true)[0]?.errors.map((each) => each instanceof core.ExceptionGroup)],
        [true, [true]]
      )
    }))

  it("read the task of the other one: its name, whether it is one", () =>
    run(async () => {
      const name = await asyncio.runEffect(
        Effect.map(other.CurrentTask, (task) => (other.isTask(task) ? task.getName() : "no task"))
      )

      assert.strictEqual(name, "Task-1")
    }))

  const meetings: Record<string, () => Effect.Effect<unknown, unknown>> = {
    sleep: () => other.sleep(1),
    createTask: () => other.createTask(Effect.void),
    gather: () => other.gather([Effect.void]),
    timeout: () => other.timeout(1, Effect.never),
    taskGroup: () => other.taskGroup(() => Effect.void),
    catchCancelled: () => other.catchCancelled(Effect.never, () => Effect.void),
    "the loop": () => other.getRunningLoop,
    toThread: () => other.toThread(() => 1),
    "a lock that is taken": () =>
      Effect.flatMap(other.Lock.make(), (lock) => Effect.andThen(lock.acquire, lock.acquire)),
    "an empty queue": () => Effect.flatMap(other.Queue.make<number>(), (queue) => queue.get),
    event: () => Effect.flatMap(other.Event.make(), (event) => event.wait),
    barrier: () => Effect.flatMap(other.Barrier.make(2), (barrier) => barrier.wait)
  }

  it.each(Object.entries(meetings))(
    "say where they meet that there are two, and where they are: %s",
    async (_, effect) => {
      assert.strictEqual(await inCompat(effect), message)
    }
  )

  it("say so for a future of the one that a coroutine of a library awaits in the other", async () => {
    const [theirs] = await other.run(
      Effect.map(other.getRunningLoop, (loop) => [loop.createFutureUnsafe<number>()] as const),
      { handleSigint: false }
    )
    const awaiting: lowlevel.Coroutine<number, unknown> = {
      begin: (control) => control.await(theirs, (exit) => control.end(exit)),
      cancelRequested: () => {},
      describe: () => ({ name: "awaiting", definedAt: undefined, calledAt: undefined })
    }
    const main = Effect.flatMap(core.getRunningLoop, (loop) => lowlevel.createCoroutineTaskUnsafe(loop, awaiting))

    const error = await rejection(core.run(main, { handleSigint: false }))

    assert.strictEqual(oneLine(error), message)
  })

  it("say so for a future of the one in a run of the other", async () => {
    // In an array: a promise would wait for it.
    const [theirs] = await other.run(
      Effect.flatMap(other.getRunningLoop, (loop) =>
        Effect.map(loop.createFuture<number>(), (future) => [future] as const)
      )
    )

    const errors = await run(async () => [
      oneLine(await rejection(asyncio.runEffect(theirs))),
      oneLine(await rejection(asyncio.runEffect(core.gather([theirs]))))
    ])

    assert.deepStrictEqual(errors, [message, message])
  })

  it("say so for a loop factory of the one in a run of the other", async () => {
    const loop = await other.run(other.getRunningLoop)

    assert.strictEqual(
      oneLine(await rejection(asyncio.run(async () => {}, { loopFactory: () => loop as never }))),
      message
    )
  })

  it("name both places in the hint", async () => {
    const error = (await run(() => rejection(asyncio.runEffect(other.sleep(1))))) as asyncio.ErrorNotes

    assert.match(error.hint ?? "", /npm dedupe.*packages\/core.*packages\/core/)
  })

  it("run beside each other, each by itself", async () => {
    const results = await Promise.all([
      other.run(Effect.as(other.sleep(1), "theirs")),
      core.run(Effect.as(core.sleep(1), "ours"))
    ])

    assert.deepStrictEqual(results, ["theirs", "ours"])
  })
})

describe("two copies of compat on one core", () => {
  let second: typeof asyncio

  beforeAll(async () => {
    cpSync(
      fileURLToPath(new URL("../../src", import.meta.url)),
      fileURLToPath(new URL("../../coverage/second/src", import.meta.url)),
      {
        recursive: true
      }
    )
    const place = fileURLToPath(new URL("../../coverage/second/src/index.ts", import.meta.url))
    second = (await import(/* @vite-ignore */ place)) as typeof asyncio
  })

  afterAll(() => {
    rmSync(fileURLToPath(new URL("../../coverage/second", import.meta.url)), { recursive: true })
    const copies = (globalThis as { [key: symbol]: unknown })[
      Symbol.for("@effect-asyncio/compat/copies")
    ] as Set<string>
    for (const url of copies) if (url.includes("/coverage/second/")) copies.delete(url)
  })

  it("know each other's tasks and futures", () =>
    run(async () => {
      const task = asyncio.createTask(() => asyncio.sleep(1, "done"))
      const future = asyncio.getRunningLoop().createFuture()

      assert.notStrictEqual(second.Task, asyncio.Task)
      assert.deepStrictEqual(
        {
          taskIsTask: second.isTask(task),
          taskIsFuture: second.isFuture(task),
          futureIsTask: second.isTask(future),
          futureIsFuture: second.isFuture(future),
          objectIsFuture: second.isFuture({})
        },
        { taskIsTask: true, taskIsFuture: true, futureIsTask: false, futureIsFuture: true, objectIsFuture: false }
      )
      assert.strictEqual(await task, "done")
    }))

  it("say that there are two where one is used in a run of the other", () =>
    run(async () => {
      const error = (await rejection(second.sleep(1))) as Error & asyncio.ErrorNotes

      assert.strictEqual(String(error), "RuntimeError: no running event loop")
      assert.match(error.hint ?? "", /^Two copies of @effect-asyncio\/compat are loaded.*npm dedupe/)
    }))
})
