/**
 * How the vocabulary beyond asyncio shows: what each name makes or changes, as it prints, and in which field of a snapshot. The repr of a task is
 * CPython's, so what a task has beyond it is in its snapshot and not in its repr. A minified program prints the same
 * (packages/tools/test/release/minified.test.ts), and so does every class of both packages in a console (test/inspection/inspect.test.ts).
 */
import * as compat from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect, Schedule } from "effect"
import { inspect } from "node:util"
import { assert, describe, it } from "vitest"
import { vocabulary } from "./vocabulary.ts"

type Shown = Record<string, unknown>
type AnyTask = core.Task<unknown, unknown> | compat.Task<unknown>

/** What is behind `task` in a snapshot of it: what is looked at. */
const fieldsOf = (task: AnyTask, ...fields: ReadonlyArray<keyof core.TaskSnapshot>) =>
  Object.fromEntries(fields.map((field) => [field, task.snapshot()[field]]))

const withoutFrames = (error: unknown) =>
  inspect(error)
    .split("\n")
    .filter((line) => !/^ +at /.test(line))
    .map((line) => line.trim().replace(/ at .*$/, " {"))

/** Both packages show this, where `id` is the number of the main task. */
const expectedOf = (id: number): Shown => {
  const main = { id, name: "main" }
  const stop = { kind: "disconnect", reason: "stop", requestedBy: main }
  return {
    createTask: {
      prints: "<Task pending name='import' coro=<nap() running> wait_for=<Future pending cb=[Task.task_wakeup()]>>",
      snapshot: { id: id + 1, labels: { job: 17 }, detached: true, createdBy: main, createdAt: 0 }
    },
    createdBy: "main",
    findTask: ["import", "import"],
    cancelled: {
      // Asked, on its way, and delivered.
      prints: "CancelledError: stop",
      console: [
        "[CancelledError: stop] {",
        "reason: 'stop',",
        "kind: 'disconnect',",
        "requestedBy: main,",
        "requestedAt: undefined,",
        "_tag: 'CancelledError'",
        "}"
      ],
      snapshots: [
        { state: "cancelling", cancelling: 1, cancellation: stop },
        { state: "cancelled", cancelling: 1, cancellation: stop }
      ]
    },
    deadline: {
      prints: "CancelledError",
      deadline: 5,
      kind: "timeout",
      reason: "the time was up",
      requestedBy: "main"
    },
    requests: "[ { by: main, to: middle }, { by: middle, to: leaf } ]",
    keepEndedTasks: {
      id: id + 1,
      name: "import",
      labels: { job: 17 },
      createdBy: main,
      createdAt: 0,
      outcome: "cancelled",
      error: undefined,
      kind: "disconnect",
      reason: "stop",
      requestedBy: main,
      endedAt: 0,
      duration: 0
    },
    moveOn: ["<Timeout [active] when=11>", { timedOut: false, value: "<Timeout [finished]>" }],
    shielded: { state: "cancelling", cancellation: stop },
    race: { kind: "parent", reason: "quick has won race()" },
    anyOf: "ExceptionGroup: nothing has succeeded in anyOf() (1 sub-exception)",
    staggered: ["first", "second"],
    mapTasks: { name: "mapTasks", tasks: 2 },
    group: ["<TaskGroup tasks=1 entered>", "server", "<TaskGroup entered>", { detached: true }],
    restart: "worker has failed and is begun again in 1 ms",
    cancelAndWait: [["stubborn", ["<Future pending cb=[Task.task_wakeup()]>"]], ["nobody"]],
    cancelTree: ["parent", "child"],
    ExceptionGroup: ["ExceptionGroup: two", "| 'a'", "errors: [ 'a' ],", "_tag: 'ExceptionGroup'", "}"],
    contexts: [
      "<ContextVar name='user'>",
      "<Token var=<ContextVar name='user'>>",
      "<Token used var=<ContextVar name='user'>>",
      "<Context of 1 variable>"
    ],
    handles: ["<Handle held()>", "<Context of 1 variable>"],
    toThread: { waitingFor: "<Future pending cb=[Task.task_wakeup()]>" },
    threadPool: { waitingFor: "<Future pending cb=[Task.task_wakeup()]>" },
    signals: "Terminated: stopped by SIGTERM"
  }
}

const ofCore = Effect.gen(function* () {
  const shown: Shown = {}
  const { id, loop } = yield* core.currentTask
  const nap = Effect.fn("nap")(function* () {
    yield* core.sleep("1 hour")
  })
  const cancellationOf = (task: core.Task<unknown, unknown>) =>
    Effect.map(Effect.flip(task), (error) => error as core.CancelledError)
  const named = (name: string, body: Effect.Effect<unknown, unknown> = nap()) =>
    Effect.tap(core.createTask(body, { name }), () => core.sleep(0))

  yield* core.keepEndedTasks(1)
  const task = yield* core.createTask(nap(), { name: "import", labels: { job: 17 }, detached: true })
  yield* core.sleep(0)
  shown["createTask"] = {
    prints: String(task).replace(/ running[^>]*/, " running"),
    snapshot: fieldsOf(task, "id", "labels", "detached", "createdBy", "createdAt")
  }
  shown["createdBy"] = String(task.createdBy)
  shown["findTask"] = [yield* core.findTask("import"), ...(yield* core.findTasks({ job: 17 }))].map((each) =>
    each?.getName()
  )

  yield* task.cancel("stop", { kind: "disconnect" })
  const snapshots = [fieldsOf(task, "state", "cancelling", "cancellation")]
  const error = yield* Effect.flip(task)
  snapshots.push(fieldsOf(task, "state", "cancelling", "cancellation"))
  shown["cancelled"] = { prints: String(error), console: withoutFrames(error), snapshots }
  shown["keepEndedTasks"] = loop.snapshot().endedTasks[0]

  const late = core.catchCancelled(nap(), {
    timeout: (error) =>
      Effect.sync(() => {
        const { deadline, kind, reason, requestedBy } = error
        shown["deadline"] = { prints: String(error), deadline, kind, reason, requestedBy: String(requestedBy) }
      })
  })
  yield* Effect.ignore(core.timeout(5, late))

  const leaf = yield* named("leaf")
  const middle = yield* named("middle", leaf)
  yield* middle.cancel("stop")
  shown["requests"] = inspect((yield* cancellationOf(leaf)).requests)

  const moved = yield* core.moveOn(6, (timeout) => {
    shown["moveOn"] = [String(timeout)]
    return Effect.succeed(timeout)
  })
  ;(shown["moveOn"] as Array<unknown>).push({ timedOut: moved.timedOut, value: String(moved.value) })

  const kept = yield* named("kept", core.shielded(core.sleep(1)))
  yield* kept.cancel("stop", { kind: "disconnect" })
  shown["shielded"] = fieldsOf(kept, "state", "cancellation")

  const loser = yield* named("loser")
  yield* core.race([yield* core.createTask(core.sleep(1), { name: "quick" }), loser])
  const { kind, reason } = loser.snapshot().cancellation ?? {}
  shown["race"] = { kind, reason }
  shown["anyOf"] = String(yield* Effect.flip(core.anyOf([Effect.fail("down")])))
  const begun: Array<string> = []
  yield* core.staggered(
    1,
    ["first", "second"].map(
      (name) => () =>
        Effect.andThen(
          Effect.sync(() => void begun.push(name)),
          core.sleep(2)
        )
    )
  )
  shown["staggered"] = begun

  const before = new Set(yield* core.allTasks)
  const mapping = yield* named(
    "mapTasks",
    core.mapTasks([1, 2, 3], () => nap(), { concurrency: 2 })
  )
  const others = Array.from(yield* core.allTasks, (each) => each).filter((each) => !before.has(each))
  shown["mapTasks"] = { name: mapping.snapshot().name, tasks: others.length - 1 }
  yield* core.cancelAndWait(mapping)

  yield* core.taskGroup(
    (group) =>
      Effect.gen(function* () {
        const serve = (started: core.Started) => Effect.andThen(started(), nap())
        yield* group.start(serve, { name: "server" })
        const [server] = group
        const lines: Array<unknown> = [String(group), server?.getName()]
        yield* core.promote(server!)
        shown["group"] = [...lines, String(group), fieldsOf(server!, "detached")]
        yield* core.cancelAndWait(server!)
      }),
    { promotable: true, onFailure: "collect" }
  )

  yield* loop.setExceptionHandler((_, { message }) => (shown["restart"] = message))
  const worker = yield* named("worker", core.restart(Effect.fail("no"), Schedule.spaced(1)))
  yield* core.cancelAndWait(worker)
  yield* loop.setExceptionHandler(undefined)

  const stubborn = yield* named(
    "stubborn",
    core.catchCancelled(nap(), () => core.sleep(5))
  )
  const report = yield* core.cancelAndWait((each) => each === stubborn, { timeout: 1 })
  const { notFound } = yield* core.cancelAndWait("nobody")
  shown["cancelAndWait"] = [...report.ignoring.map(({ name, waitingFor }) => [name, waitingFor]), notFound]
  const parent = yield* named("parent", Effect.andThen(core.createTask(nap(), { name: "child" }), nap()))
  shown["cancelTree"] = (yield* core.cancelTree(parent, "stop")).map((each) => each.getName())

  shown["ExceptionGroup"] = withoutFrames(new core.ExceptionGroup("two", ["a"]))
  const user = core.ContextVar.make<string>("user")
  const token = yield* user.set("ada")
  shown["contexts"] = [inspect(user), inspect(token)]
  const handle = yield* loop.callSoon(function held() {})
  shown["handles"] = [inspect(handle), inspect(handle.getContext())]
  const variables = inspect(yield* core.copyContext)
  yield* user.reset(token)
  ;(shown["contexts"] as Array<unknown>).push(inspect(token), variables)

  for (const [name, toThread] of [
    ["toThread", core.toThread],
    ["threadPool", core.threadPool({ maxThreads: 1 })]
  ] as const) {
    const inThread = yield* named(
      name,
      toThread(() => 1)
    )
    shown[name] = fieldsOf(inThread, "waitingFor")
    yield* core.cancelAndWait(inThread)
  }
  shown["signals"] = String(new core.Terminated("SIGTERM", 143))
  return { shown, expected: expectedOf(id) }
})

const ofCompat = async () => {
  const shown: Shown = {}
  const { id } = compat.currentTask()!
  const loop = compat.getRunningLoop()
  const nap = async () => {
    await compat.sleep("1 hour")
  }
  // In an array: who awaits a task waits for its end.
  const named = async (name: string, body: () => unknown = nap) => {
    const task = compat.createTask(body as () => Promise<unknown>, { name })
    await compat.sleep(0)
    return [task] as const
  }

  compat.keepEndedTasks(1)
  const task = compat.createTask(nap, { name: "import", labels: { job: 17 }, detached: true })
  await compat.sleep(0)
  shown["createTask"] = {
    prints: String(task).replace(/ running[^>]*/, " running"),
    snapshot: fieldsOf(task, "id", "labels", "detached", "createdBy", "createdAt")
  }
  shown["createdBy"] = String(task.createdBy)
  shown["findTask"] = [compat.findTask("import"), ...compat.findTasks({ job: 17 })].map((each) => each?.getName())

  task.cancel("stop", { kind: "disconnect" })
  const snapshots = [fieldsOf(task, "state", "cancelling", "cancellation")]
  const error = await task.catch((error: unknown) => error)
  snapshots.push(fieldsOf(task, "state", "cancelling", "cancellation"))
  shown["cancelled"] = { prints: String(error), console: withoutFrames(error), snapshots }
  shown["keepEndedTasks"] = loop.snapshot().endedTasks[0]

  const late = () =>
    compat.catchCancelled(nap, {
      timeout: (error) => {
        const { deadline, kind, reason, requestedBy } = error
        shown["deadline"] = { prints: String(error), deadline, kind, reason, requestedBy: String(requestedBy) }
      }
    })
  await compat.timeout(5, late).catch(() => {})

  const [leaf] = await named("leaf")
  const [middle] = await named("middle", () => leaf)
  middle.cancel("stop")
  shown["requests"] = inspect(((await leaf.catch((error: unknown) => error)) as compat.CancelledError).requests)

  const moved = await compat.moveOn(6, (timeout) => {
    shown["moveOn"] = [String(timeout)]
    return timeout
  })
  ;(shown["moveOn"] as Array<unknown>).push({ timedOut: moved.timedOut, value: String(moved.value) })

  const [kept] = await named("kept", () => compat.shielded(() => compat.sleep(1)))
  kept.cancel("stop", { kind: "disconnect" })
  shown["shielded"] = fieldsOf(kept, "state", "cancellation")

  const [loser] = await named("loser")
  await compat.race([compat.createTask(() => compat.sleep(1), { name: "quick" }), loser])
  const { kind, reason } = loser.snapshot().cancellation ?? {}
  shown["race"] = { kind, reason }
  shown["anyOf"] = String(await compat.anyOf([() => Promise.reject("down")]).catch((error: unknown) => error))
  const begun: Array<string> = []
  await compat.staggered(
    1,
    ["first", "second"].map((name) => async () => {
      begun.push(name)
      await compat.sleep(2)
    })
  )
  shown["staggered"] = begun

  const before = new Set(compat.allTasks())
  const [mapping] = await named("mapTasks", () => compat.mapTasks([1, 2, 3], nap, { concurrency: 2 }))
  const others = Array.from(compat.allTasks()).filter((each) => !before.has(each))
  shown["mapTasks"] = { name: mapping.snapshot().name, tasks: others.length - 1 }
  await compat.cancelAndWait(mapping)

  await compat.taskGroup(
    async (group) => {
      const serve = async (started: () => void) => {
        started()
        await nap()
      }
      await group.start(serve, { name: "server" })
      const [server] = group
      const lines: Array<unknown> = [String(group), server?.getName()]
      compat.promote(server!)
      shown["group"] = [...lines, String(group), fieldsOf(server!, "detached")]
      await compat.cancelAndWait(server!)
    },
    { promotable: true, onFailure: "collect" }
  )

  loop.setExceptionHandler((_, { message }) => (shown["restart"] = message))
  const [worker] = await named(
    "worker",
    compat.restart(() => Promise.reject("no"), { delay: 1 })
  )
  await compat.cancelAndWait(worker)
  loop.setExceptionHandler(undefined)

  const [stubborn] = await named("stubborn", () => compat.catchCancelled(nap, () => compat.sleep(5)))
  const report = await compat.cancelAndWait((each) => each === stubborn, { timeout: 1 })
  const { notFound } = await compat.cancelAndWait("nobody")
  shown["cancelAndWait"] = [...report.ignoring.map(({ name, waitingFor }) => [name, waitingFor]), notFound]
  const [parent] = await named("parent", async () => {
    compat.createTask(nap, { name: "child" })
    await nap()
  })
  shown["cancelTree"] = compat.cancelTree(parent, "stop").map((each) => each.getName())

  shown["ExceptionGroup"] = withoutFrames(new compat.ExceptionGroup("two", ["a"]))
  const user = compat.ContextVar.make<string>("user")
  const token = user.set("ada")
  shown["contexts"] = [inspect(user), inspect(token)]
  const handle = loop.callSoon(function held() {})
  shown["handles"] = [inspect(handle), inspect(handle.getContext())]
  const variables = inspect(compat.copyContext())
  user.reset(token)
  ;(shown["contexts"] as Array<unknown>).push(inspect(token), variables)

  for (const [name, toThread] of [
    ["toThread", compat.toThread],
    ["threadPool", compat.threadPool({ maxThreads: 1 })]
  ] as const) {
    const [inThread] = await named(name, () => toThread(() => 1))
    shown[name] = fieldsOf(inThread, "waitingFor")
    await compat.cancelAndWait(inThread)
  }
  shown["signals"] = String(new compat.Terminated("SIGTERM", 143))
  return { shown, expected: expectedOf(id) }
}

/** What shows nothing of its own, and why. */
const silent: Record<string, string> = {
  abortable: "a wait for a promise prints as any other",
  addSignalHandler: "the host's, of which a loop has no list that others see",
  BackgroundTasks: "`<BackgroundTasks 0>`, in test/inspection/inspect.test.ts of compat, which alone has it",
  callSoonThreadsafe: "a handle as callSoon gives it",
  catchCancelled: "a part of its task, as `try` is",
  catchGroup: "a part of its task, as `try` is",
  createTaskScoped: "a task as createTask makes it",
  currentSignal: "an AbortSignal",
  defaultExceptionHandler: "a function that logs",
  discard: "a function of the program",
  exceptionOf: "gives an error that there is",
  getExceptionHandler: "gives a function of the program",
  isCancelled: "true or false",
  layer: "a Layer",
  Loop: "a service",
  recognizeCancellation: "a function of the program",
  runEffect: "a part of its task, as a call is",
  scopedLoop: "a loop, `<EventLoop ...>`",
  split: "groups as ExceptionGroup has them",
  taskLogger: "lines of logs, in test/inspection/taskLogger.test.ts of core",
  taskMetrics: "metrics, in test/inspection/taskMetrics.test.ts of core",
  toEffect: "an Effect",
  withLoop: "a part of the program around",
  withTaskSpan: "spans, in test/inspection/taskSpan.test.ts of core"
}

/** Under which of the names above a name shows that has another one there. */
const shownBy: Record<string, string> = {
  ContextVar: "contexts",
  copyContext: "contexts",
  detached: "createTask",
  endedTasks: "keepEndedTasks",
  findTasks: "findTask",
  kind: "cancelled",
  labels: "createTask",
  leaves: "ExceptionGroup",
  onFailure: "group",
  promote: "group",
  reset: "contexts",
  start: "group",
  Token: "contexts"
}

const options = { loopFactory: makeVirtualTimeLoop, name: "main", handleSigint: false }

describe("the vocabulary beyond asyncio shows", () => {
  it("in core", async () => {
    const { expected, shown } = await core.run(ofCore, options)

    assert.deepStrictEqual(shown, expected)
  })

  it("in compat, which shows the same", async () => {
    const { expected, shown } = await compat.run(ofCompat, options)

    assert.deepStrictEqual(shown, expected)
  })

  it("or there is nothing to show, for each name of it", () => {
    const isShown = (name: string) => (shownBy[name] ?? name) in expectedOf(1)

    assert.deepStrictEqual(
      Object.keys(vocabulary).filter((name) => isShown(name) === name in silent),
      []
    )
  })
})
