import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { Effect, Exit } from "effect"
import { collectGarbage } from "../collectGarbage.ts"
import { makeRandom } from "../random.ts"
import { collectReports, macrotask, run } from "../support.ts"

type Task = asyncio.Task<unknown, unknown>

const hour = asyncio.sleep("1 hour")
const namesOf = (tasks: ReadonlyArray<Task>) => tasks.map((task) => task.getName())
const started = <A, E>(task: Effect.Effect<asyncio.Task<A, E>>) => Effect.tap(task, () => asyncio.sleep(0))

/** Creates a task for each name, that creates those below it and waits for an hour. */
interface Tree {
  readonly [name: string]: Tree
}
const grow = (tree: Tree): Effect.Effect<void> =>
  Effect.forEach(Object.entries(tree), ([name, below]) =>
    asyncio.createTask(Effect.andThen(grow(below), hour), {
      name,
      detached: name.startsWith("detached"),
      eagerStart: name.startsWith("eager")
    })
  )

const find = (name: string) => Effect.map(asyncio.findTask(name), (task) => task!)

describe("cancelTree", () => {
  it("asks the task and all that it has created, in the order they were made, and nobody else", () =>
    run(
      Effect.gen(function* () {
        yield* grow({ a: { b: { c: {} }, d: {} }, e: { f: {} } })
        yield* asyncio.sleep(1)

        const asked = yield* asyncio.cancelTree(yield* find("a"), "stop")
        yield* asyncio.sleep(0)

        assert.deepStrictEqual(namesOf(asked), ["a", "b", "d", "c"])
        assert.isTrue(asked.every((task) => task.cancelled()))
        assert.deepStrictEqual(namesOf([...(yield* asyncio.allTasks)]), ["Task-1", "e", "f"])
        const errors = yield* Effect.forEach(asked, (task) => Effect.flip(task))
        assert.deepStrictEqual(
          errors.map((error) => String(error)),
          Array.from({ length: 4 }, () => "CancelledError: stop")
        )
      })
    ))

  it("spares what is detached, and what that has created", () =>
    run(
      Effect.gen(function* () {
        yield* grow({ a: { detached: { c: { d: {} } }, e: {} } })
        yield* asyncio.sleep(1)

        const asked = yield* asyncio.cancelTree(yield* find("a"))
        const ofDetached = yield* asyncio.cancelTree(yield* find("detached"))

        assert.deepStrictEqual(
          [namesOf(asked), namesOf(ofDetached)],
          [
            ["a", "e"],
            ["detached", "c", "d"]
          ]
        )
      })
    ))

  it("reaches what was created by tasks that are over, also where it is over itself", () =>
    run(
      Effect.gen(function* () {
        const leaf = asyncio.createTask(hour, { name: "leaf" })
        const middle = asyncio.createTask(leaf, { name: "middle" })
        const root = yield* asyncio.createTask(middle, { name: "root" })
        yield* asyncio.sleep(1)

        const asked = yield* asyncio.cancelTree(root)

        assert.deepStrictEqual([root.done(), namesOf(asked)], [true, ["leaf"]])
      })
    ))

  it("takes an eager task for older than what its first step has created", () =>
    run(
      Effect.gen(function* () {
        yield* grow({ a: { eager: { b: {}, "eager too": { c: {} } }, d: {} } })
        yield* asyncio.sleep(1)

        const asked = yield* asyncio.cancelTree(yield* find("a"))

        assert.deepStrictEqual(namesOf(asked), ["a", "eager", "b", "eager too", "c", "d"])
      })
    ))

  it("asks the one who asks, where that belongs to the tree", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const child = (root: Task) =>
          Effect.gen(function* () {
            lines.push(...namesOf(yield* asyncio.cancelTree(root, "stop")))
            yield* Effect.onExit(asyncio.sleep(0), (exit) => Effect.sync(() => lines.push(exit._tag)))
          })
        const root = yield* asyncio.createTask(
          Effect.gen(function* () {
            yield* asyncio.createTask(child(yield* asyncio.currentTask), { name: "child" })
            yield* hour
          }),
          { name: "root" }
        )

        yield* asyncio.wait([root])
        yield* asyncio.sleep(0)

        assert.deepStrictEqual(lines, ["root", "child", "Failure"])
      })
    ))

  it("asks each once, where tasks wait for each other and groups pass on what they were asked", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        /** A cleanup that a second request would cut short. */
        const careful = (name: string, millis: number) =>
          Effect.ensuring(
            hour,
            Effect.andThen(
              asyncio.sleep(millis),
              Effect.sync(() => lines.push(name))
            )
          )
        const group = asyncio.taskGroup((group) =>
          Effect.gen(function* () {
            yield* group.createTask(careful("member", 20))
            // What the body cleans up holds the group back: it asks its members only then.
            yield* careful("body", 10)
          })
        )
        const root = yield* asyncio.createTask(
          Effect.gen(function* () {
            const child = yield* asyncio.createTask(careful("child", 30))
            const withGroup = yield* asyncio.createTask(group)
            yield* asyncio.gather([child, withGroup, careful("gathered", 40)])
          })
        )
        yield* asyncio.sleep(1)

        const asked = yield* asyncio.cancelTree(root, "stop")
        const counts = asked.map((task) => task.cancelling())
        yield* asyncio.wait([...(yield* asyncio.allTasks)].filter((task) => asked.includes(task)))

        assert.deepStrictEqual(counts, [1, 1, 1, 1, 1])
        assert.deepStrictEqual(lines, ["body", "member", "child", "gathered"])
        assert.deepStrictEqual(
          asked.map((task) => task.cancelling()),
          counts
        )
      })
    ))

  it("says what kind of stop it is, and who asked", () =>
    run(
      Effect.gen(function* () {
        yield* grow({ a: { b: {} } })
        yield* asyncio.sleep(1)

        const asked = yield* asyncio.cancelTree(yield* find("a"), "gone", { kind: "disconnect" })

        const errors = (yield* Effect.forEach(asked, (task) =>
          Effect.flip(task)
        )) as ReadonlyArray<asyncio.CancelledError>
        assert.deepStrictEqual(
          errors.map(({ kind, requestedBy }) => [kind, String(requestedBy)]),
          [
            ["disconnect", "Task-1"],
            ["disconnect", "Task-1"]
          ]
        )
      })
    ))

  it("gives nobody where all are over", () =>
    run(
      Effect.gen(function* () {
        const root = yield* asyncio.createTask(asyncio.createTask(Effect.void))
        yield* asyncio.sleep(1)

        assert.deepStrictEqual(yield* asyncio.cancelTree(root), [])
      })
    ))

  it("says where it was asked for, in debug mode, and by whom", () =>
    run(
      Effect.gen(function* () {
        const task = yield* started(asyncio.createTask(hour))

        yield* asyncio.cancelTree(task, "stop")

        const { reason, requestedAt, requestedBy } = yield* Effect.flip(task)
        assert.deepStrictEqual([reason, String(requestedBy)], ["stop", "main"])
        assert.match(requestedAt!.split("\n")[0]!, /cancelTree\.test\.ts/)
      }),
      { debug: true, name: "main" }
    ))

  it("keeps none of the tasks that it has reached, nor does the error that they ended with", () => {
    const stop = Effect.gen(function* () {
      yield* grow({ a: { b: { c: {} }, detached: {} } })
      yield* asyncio.sleep(1)
      const asked = yield* asyncio.cancelTree(yield* find("a"), "stop")
      const error = yield* Effect.flip(asked[0]!)
      yield* asyncio.sleep(1)
      return { error, tasks: asked.map((task) => new WeakRef(task)) }
    })
    return run(
      Effect.gen(function* () {
        const { error, tasks } = yield* stop
        yield* asyncio.sleep(1)

        for (let n = 0; n < 50 && tasks.some((task) => task.deref() !== undefined); n++) {
          yield* Effect.promise(macrotask)
          collectGarbage()
        }

        assert.deepStrictEqual(
          tasks.map((task) => task.deref()),
          [undefined, undefined, undefined]
        )
        assert.strictEqual(String(error), "CancelledError: stop")
        assert.deepStrictEqual(namesOf(yield* asyncio.findTasks("detached")), ["detached"])
      })
    )
  })

  it("looks at no other task where the task has created none", () =>
    run(
      Effect.gen(function* () {
        yield* grow({ alone: {}, detached: {}, above: { below: {} } })
        yield* asyncio.sleep(1)
        const loop = yield* asyncio.getRunningLoop
        const all = loop.allTasksUnsafe.bind(loop)
        let looks = 0
        Object.assign(loop, { allTasksUnsafe: () => (looks++, all()) })
        const roots = yield* Effect.sync(() => all().filter((task) => task.getName() !== "Task-1"))
        const ofName = (name: string) => roots.find((task) => task.getName() === name)!

        const asked = yield* Effect.forEach(["alone", "detached", "alone"], (name) => asyncio.cancelTree(ofName(name)))
        const afterThose = looks
        yield* asyncio.sleep(0)
        const done = yield* asyncio.cancelTree(ofName("alone"))
        const above = yield* asyncio.cancelTree(ofName("above"))

        assert.deepStrictEqual(asked.map(namesOf), [["alone"], ["detached"], ["alone"]])
        assert.strictEqual(afterThose, 0)
        assert.deepStrictEqual(namesOf(done), [])
        assert.deepStrictEqual(namesOf(above), ["above", "below"])
        assert.strictEqual(looks, 1)
      })
    ))

  it("can be asked for outside of Effect", () =>
    run(
      Effect.gen(function* () {
        yield* grow({ a: { b: {} } })
        yield* asyncio.sleep(1)
        const loop = yield* asyncio.getRunningLoop
        const root = yield* find("a")
        const asked: Array<string> = []

        yield* loop.callSoon(() => asked.push(...namesOf(lowlevel.cancelTreeUnsafe(root, "stop"))))
        yield* asyncio.wait([root])

        assert.deepStrictEqual(asked, ["a", "b"])
      })
    ))
})

/** What a test knows of a task, from what it has done itself. */
interface Known {
  readonly task: Task
  readonly creator: number | undefined
  readonly detached: boolean
}

const mostTasks = 60

/** Tasks that create others, wait for some of them, and end; one tree of them is cancelled at some time. */
const forest = (seed: number) =>
  Effect.gen(function* () {
    const below = makeRandom(seed)
    const pick = <A>(items: ReadonlyArray<A>): A => items[below(items.length)]!
    const loop = yield* asyncio.getRunningLoop
    const reports = collectReports(loop)
    const known = new Map<number, Known>()
    const lines: Array<string> = []
    // Whose code is about to create a task.
    let creator: number | undefined
    yield* loop.setTaskFactory((make, options) => {
      const by = creator
      const task = make(options)
      known.set(task.id, { task, creator: by, detached: options?.detached === true })
      return task
    })

    const creating = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
      Effect.flatMap(asyncio.currentTask, (task) => {
        creator = task.id
        return effect
      })
    const nap = () => asyncio.sleep(below(20))
    const step = (depth: number, children: Array<Task>): Effect.Effect<unknown, unknown> => {
      if (known.size >= mostTasks || depth > 6) return nap()
      const child = () => life(depth + 1)
      const keep = (making: Effect.Effect<Task>) => Effect.tap(making, (task) => Effect.sync(() => children.push(task)))
      const awaited = children.length > 0 ? pick(children) : undefined
      return pick([
        nap,
        () => creating(keep(asyncio.createTask(child()))),
        () => creating(keep(asyncio.createTask(child(), { eagerStart: true }))),
        // Not waited for: who waits for a task passes a request on to it.
        () => creating(asyncio.createTask(child(), { detached: true })),
        () => creating(asyncio.gather([child(), child()])),
        () => awaited ?? Effect.void,
        () => (awaited === undefined ? Effect.void : asyncio.wait([awaited], { timeout: below(30) })),
        () =>
          asyncio.taskGroup((group) =>
            Effect.gen(function* () {
              for (let n = 0; n <= below(3); n++) yield* creating(group.createTask(child()))
              yield* nap()
            })
          )
      ])()
    }
    /** Tells what it was asked, and cleans up for a while, which a second request would cut short. */
    const life = (depth: number): Effect.Effect<void, asyncio.CancelledError> =>
      Effect.gen(function* () {
        const { id } = yield* asyncio.currentTask
        const children: Array<Task> = []
        const steps = Effect.gen(function* () {
          for (let n = below(6); n >= 0; n--) yield* step(depth, children)
        })
        yield* asyncio.catchCancelled(Effect.ignore(steps), (error) =>
          Effect.onExit(asyncio.sleep(below(10)), (exit) =>
            Effect.sync(() => lines.push(`${id} ${error.reason} ${Exit.isSuccess(exit) ? "clean" : "cut short"}`))
          ).pipe(Effect.andThen(Effect.fail(error)))
        )
      })

    for (let n = 0; n < 3; n++) yield* asyncio.createTask(life(0))
    yield* asyncio.sleep(below(60))
    const all = [...known.values()]
    const living = all.filter(({ task }) => !task.done())
    const root = pick(living.length > 0 && below(3) > 0 ? living.slice(0, 10) : all)
    const isBelow = ({ creator, detached, task }: Known): boolean =>
      task === root.task || (!detached && creator !== undefined && known.has(creator) && isBelow(known.get(creator)!))
    const expected = [...known.values()].filter((each) => !each.task.done() && isBelow(each))
    // One that has not begun ends without a word.
    const begun = expected.filter(({ task }) => task.snapshot().waitingFor !== undefined)

    const asked = yield* asyncio.cancelTree(root.task, "stop")
    const once = asked.every((task) => task.cancelling() === 1)
    yield* asyncio.sleep("1 day")

    const left = [...(yield* asyncio.allTasks)].length
    return { asked, begun, expected, known, left, lines, once, reports }
  })

describe("cancelTree in a random forest", () => {
  const idsOf = (tasks: ReadonlyArray<Task>) => tasks.map(({ id }) => id)

  it("reaches exactly those that it is to reach, in order, each once, and everything ends", async () => {
    const sizes: Array<number> = []
    for (let seed = 1; seed <= 200; seed++) {
      const { asked, begun, expected, known, left, lines, once, reports } = await run(forest(seed))

      const ids = idsOf(expected.map(({ task }) => task)).toSorted((a, b) => a - b)
      assert.deepStrictEqual(idsOf(asked), ids, `seed ${seed}`)
      assert.isTrue(once, `seed ${seed}`)
      const told = lines.filter((line) => line.includes("stop"))
      for (const { task } of begun) assert.include(told, `${task.id} stop clean`, `seed ${seed}`)
      assert.strictEqual(new Set(told).size, told.length, `seed ${seed}`)
      for (const line of told) assert.include(ids, Number(line.split(" ")[0]), `seed ${seed}`)
      assert.deepStrictEqual([left, reports], [1, []], `seed ${seed}`)
      for (const { creator, task } of known.values()) {
        if (creator !== undefined) assert.strictEqual(task.createdBy?.id, creator, `seed ${seed}`)
      }
      sizes.push(asked.length)
    }
    assert.isAbove(Math.max(...sizes), 15)
    assert.isAbove(sizes.filter((size) => size > 3).length, 50)
  })
})
