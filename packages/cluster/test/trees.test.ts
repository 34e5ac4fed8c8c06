import * as cluster from "@effect-asyncio/cluster"
import * as asyncio from "@effect-asyncio/core"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, expectTypeOf, it } from "vitest"

const folder = mkdtempSync(join(tmpdir(), "cluster-"))
afterAll(() => rmSync(folder, { recursive: true }))

const sleeper = cluster.task("sleeper")
const sleeperWorker = sleeper.worker(() => asyncio.sleep("1 hour"), { concurrency: 20 })

// Begins one that it owns and one that it does not, and waits for neither.
const parent = cluster.task("parent", { payload: Schema.Struct({ waits: Schema.Boolean }) })
const parentWorker = parent.worker(
  Effect.fn("parent")(function* ({ waits }) {
    const { name } = (yield* cluster.currentAttempt)!
    yield* Effect.orDie(cluster.createTask(sleeper, undefined, { name: `${name} owned` }))
    yield* Effect.orDie(cluster.submit(sleeper, undefined, { name: `${name} submitted` }))
    if (waits) yield* asyncio.sleep("1 hour")
  })
)

const options = { workers: [sleeperWorker, parentWorker], drain: 0 }

const until = (name: string, state: cluster.TaskState) =>
  Effect.repeat(Effect.andThen(asyncio.sleep(5), cluster.findTask(name)), { until: (info) => info?.state === state })

const run = <A, E>(program: Effect.Effect<A, E, cluster.Cluster>, file?: string) =>
  asyncio.run(Effect.provide(program, cluster.embedded({ ...options, file })))

const states = (names: ReadonlyArray<string>) =>
  Effect.forEach(names, (name) => Effect.map(cluster.findTask(name), (info) => info?.state))

// Catches each cancellation, and says how many it counts then and when it is told to go on.
const stubborn = cluster.task("stubborn", {
  payload: Schema.Struct({ withdraws: Schema.Boolean }),
  success: Schema.Number
})
const counted: Array<number> = []
const stubbornWorker = stubborn.worker(
  Effect.fn("stubborn")(function* ({ withdraws }) {
    const task = yield* asyncio.currentTask
    const attempt = (yield* cluster.currentAttempt)!.attempt
    if (attempt > 1) return attempt
    yield* asyncio.catchCancelled(asyncio.sleep("1 hour"), () => Effect.void)
    counted.push(task.cancelling())
    if (withdraws) yield* task.uncancel()
    while (task.cancelling() > 0) yield* asyncio.sleep(5)
    counted.push(task.cancelling())
    return yield* asyncio.sleep("1 hour", 0)
  })
)

const untilCounted = (count: number) => Effect.repeat(asyncio.sleep(5), { while: () => counted.length < count })

describe("a cancellation that is withdrawn", () => {
  const options = { workers: [stubbornWorker], drain: 0 }
  const untilNobodyAsks = Effect.repeat(Effect.andThen(asyncio.sleep(20), cluster.findTask("s")), {
    until: (info) => info?.cancelling === 0
  })

  it("by the client is not counted by the task any more, wherever it runs", async () => {
    counted.length = 0
    const main = Effect.gen(function* () {
      const task = yield* cluster.createTask(stubborn, { withdraws: false }, { name: "s" })
      yield* until("s", "running")
      yield* task.cancel("please")
      yield* untilCounted(1)
      const asked = yield* cluster.findTask("s")
      const left = yield* task.uncancel()
      yield* untilCounted(2)
      const info = yield* untilNobodyAsks
      return [left, counted, asked?.cancelling, asked?.cancellation?.reason, info?.cancellation, info?.state]
    })

    const found = await asyncio.run(Effect.provide(main, cluster.embedded(options)))

    assert.deepStrictEqual(found, [0, [1, 0], 1, "please", undefined, "running"])
  })

  it("in the step that asks for it is told, and not counted", async () => {
    counted.length = 0
    const main = Effect.gen(function* () {
      const task = yield* cluster.createTask(stubborn, { withdraws: false }, { name: "s" })
      yield* until("s", "running")
      yield* Effect.andThen(task.cancel("please"), task.uncancel())
      yield* untilCounted(2)
      return (yield* untilNobodyAsks)?.state
    })

    assert.strictEqual(await asyncio.run(Effect.provide(main, cluster.embedded(options))), "running")
  })

  it("by the task itself does not end its next attempt", async () => {
    counted.length = 0
    const file = join(folder, "withdrawn.sqlite")
    const live = cluster.embedded({ ...options, file })
    const first = Effect.gen(function* () {
      yield* cluster.submit(stubborn, { withdraws: true }, { name: "s" })
      yield* until("s", "running")
      yield* cluster.cancel("s", "please")
      yield* untilCounted(2)
      yield* untilNobodyAsks
    })
    await asyncio.run(Effect.provide(first, live))

    const second = Effect.flatMap(cluster.joinTask(stubborn, "s"), (task) => task)

    assert.strictEqual(await asyncio.run(Effect.provide(second, live)), 2)
  })
})

describe("a task that has created others", () => {
  it("takes along what it owns, and not what it has submitted, when it ends", async () => {
    const main = Effect.gen(function* () {
      yield* Effect.flatten(cluster.createTask(parent, { waits: false }, { name: "p" }))
      yield* until("p submitted", "running")
      return yield* states(["p owned", "p submitted"])
    })

    assert.deepStrictEqual(await run(main), ["cancelled", "running"])
  })

  it("is known as their creator, by which all of them are cancelled", async () => {
    const main = Effect.gen(function* () {
      yield* cluster.submit(parent, { waits: true }, { name: "p" })
      yield* until("p owned", "running")
      const submitted = yield* until("p submitted", "running")
      const asked = yield* cluster.cancelTree("p", "all of it")
      yield* Effect.forEach(["p", "p owned", "p submitted"], (name) => until(name, "cancelled"))
      const info = yield* cluster.findTask("p submitted")
      return { createdBy: submitted?.createdBy, asked: [...asked].sort(), reason: info?.cancellation?.reason }
    })

    assert.deepStrictEqual(await run(main), {
      createdBy: "p",
      asked: ["p", "p owned", "p submitted"],
      reason: "all of it"
    })
  })
})

describe("a client that ends", () => {
  it("cancels its tasks, and lets those go that are detached", async () => {
    const file = join(folder, "tasks.sqlite")
    const main = Effect.gen(function* () {
      yield* cluster.createTask(sleeper, undefined, { name: "own" })
      yield* cluster.createTask(sleeper, undefined, { name: "detached", detached: true })
      yield* until("own", "running")
      yield* until("detached", "running")
    })
    await run(main, file)

    const after = await asyncio.run(
      Effect.provide(
        Effect.forEach(["own", "detached"], (name) => cluster.findTask(name)),
        cluster.embedded({ file })
      )
    )

    assert.deepStrictEqual(
      after.map((info) => [info?.state, info?.cancellation?.kind]),
      [
        ["cancelled", "shutdown"],
        ["waiting", undefined]
      ]
    )
  })
})

describe("a task under what waits for several", () => {
  it("is cancelled with its group, and with the loser of a race", async () => {
    const main = Effect.gen(function* () {
      const member = yield* cluster.createTask(sleeper, undefined, { name: "member" })
      const group = asyncio.taskGroup((group: asyncio.TaskGroup<Effect.Error<typeof member>>) =>
        Effect.gen(function* () {
          yield* group.createTask(member)
          yield* until("member", "running")
          return yield* Effect.fail("the body has failed" as const)
        })
      )
      yield* Effect.flip(group)
      const loser = yield* cluster.createTask(sleeper, undefined, { name: "loser" })
      yield* asyncio.race([loser, until("loser", "running")])
      return yield* states(["member", "loser"])
    })

    assert.deepStrictEqual(await run(main), ["cancelled", "cancelled"])
  })

  it("goes on behind a shield", async () => {
    const main = Effect.gen(function* () {
      const task = yield* cluster.createTask(sleeper, undefined, { name: "shielded" })
      const waiting = yield* asyncio.createTask(asyncio.shield(task))
      yield* until("shielded", "running")
      yield* waiting.cancel()
      yield* asyncio.wait([waiting])
      return [waiting.cancelled(), ...(yield* states(["shielded"]))]
    })

    assert.deepStrictEqual(await run(main), [true, "running"])
  })
})

it("without a cluster nothing is created", async () => {
  const program = cluster.createTask(sleeper, undefined) as Effect.Effect<never>

  const exit = await asyncio.run(Effect.exit(program))

  assert.include(Exit.isFailure(exit) ? String(Cause.squash(exit.cause)) : "", "createTask() needs a cluster")
})

it("a task has the types of its definition", () => {
  class Refused extends Schema.TaggedError<Refused>()("Refused", {}) {}
  const typed = cluster.task("typed", {
    payload: Schema.Number,
    success: Schema.String,
    error: Refused,
    progress: Schema.Boolean
  })
  const create = () => cluster.createTask(typed, 1)
  type Made = Effect.Success<ReturnType<typeof create>>

  expectTypeOf<Effect.Success<Made>>().toEqualTypeOf<string>()
  expectTypeOf<Extract<Effect.Error<Made>, { readonly _tag: "Refused" }>>().toEqualTypeOf<Refused>()
  expectTypeOf<Made["progress"]>().toEqualTypeOf<Stream.Stream<boolean>>()
  const join = () => cluster.joinTask(typed, "a")
  expectTypeOf<Effect.Success<ReturnType<typeof join>>>().toEqualTypeOf<Made>()
  // @ts-expect-error a payload of another type
  void (() => cluster.createTask(typed, "1"))
  // @ts-expect-error a worker that fails with what the definition does not know
  void (() => typed.worker(() => Effect.fail("other")))
})
