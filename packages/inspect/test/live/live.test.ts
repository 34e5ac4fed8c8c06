// What one who looks is told of a program, in this process. liveClient.test.ts has what comes over the socket.
import * as compat from "@effect-asyncio/compat"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { assert, describe, it, vi } from "vitest"
import { Picture } from "../../src/live/picture.ts"
import type { LivePiece } from "../../src/protocol.ts"
import { Agent } from "../../src/target/agent.ts"
import { LoopRows } from "../../src/target/rows.ts"
import { Watch } from "../../src/target/watch.ts"

/** Somebody who looks at this process, and what is known after each look. */
const looking = () => {
  const agent = new Agent()
  const number = agent.watch()
  const picture = new Picture()
  const look = (): Picture => {
    for (;;) {
      // As it comes over the socket.
      const piece = JSON.parse(JSON.stringify(agent.look(number))) as LivePiece
      picture.apply(piece, 0)
      if (piece.more !== true) return picture
    }
  }
  return { agent, look, stop: () => agent.unwatch(number) }
}

/** What something gives, or the error that it throws. */
const attempt = (give: () => unknown): unknown => {
  try {
    return give()
  } catch (error) {
    return String(error)
  }
}

const named = (picture: Picture, name: string) => picture.all().find((task) => task.name === name)

describe("a watch", () => {
  it("tells of tasks that were there, that begin, and that end", async () => {
    const program = Effect.gen(function* () {
      const before = yield* asyncio.createTask(asyncio.sleep("1 hour"), { name: "before", labels: { job: 17 } })
      yield* asyncio.sleep(0)
      const { look, stop } = looking()
      const first = look().names()
      yield* asyncio.createTask(Effect.asVoid(asyncio.sleep("1 hour")), { name: "later" })
      yield* asyncio.sleep(0)
      const second = look().names()
      yield* asyncio.cancelAndWait(before)
      const picture = look()
      const labels = picture.ended.map(({ labels, name, outcome }) => [name, outcome, labels])
      const third = picture.names()
      stop()
      return { first, second, third, labels }
    })

    const seen = await asyncio.run(program)

    assert.deepStrictEqual(seen.first, ["Task-1", "before"])
    assert.deepStrictEqual(seen.second, ["Task-1", "before", "later"])
    assert.deepStrictEqual(seen.third, ["Task-1", "later"])
    assert.deepStrictEqual(seen.labels, [["before", "cancelled", { job: 17 }]])
  })

  it("knows what tasks wait for, who waits for them, and who has created them", async () => {
    const program = Effect.gen(function* () {
      const lock = yield* asyncio.Lock.make()
      yield* lock.acquire
      const child = yield* asyncio.createTask(lock.acquire, { name: "child" })
      const parent = yield* asyncio.createTask(asyncio.gather([child]), { name: "parent" })
      yield* asyncio.sleep(0)
      const { look, stop } = looking()
      const picture = look()
      const [childRow, parentRow] = [named(picture, "child")!, named(picture, "parent")!]
      const [object] = picture.objects
      stop()
      yield* asyncio.cancelAndWait([parent, child])
      return {
        kind: childRow.kind,
        text: childRow.text,
        operation: childRow.operation,
        isWaiterOfObject: object?.waiting[0]?.task === childRow.id,
        isAwaitedByParent: childRow.awaiters[0] === parentRow.id,
        kindOfParent: parentRow.kind,
        isParentByThis: parentRow.by === (yield* asyncio.currentTask).id
      }
    })

    const seen = await asyncio.run(program)

    assert.deepStrictEqual(seen, {
      kind: "object",
      text: "<Lock [locked, waiters:1]>",
      operation: "acquire",
      isWaiterOfObject: true,
      isAwaitedByParent: true,
      kindOfParent: "gather",
      isParentByThis: true
    })
  })

  it("hears of a gather that begins to wait for tasks which were there", async () => {
    const program = Effect.gen(function* () {
      const child = yield* asyncio.createTask(asyncio.sleep("1 hour"), { name: "child" })
      yield* asyncio.sleep(0)
      const { look, stop } = looking()
      look()
      const parent = yield* asyncio.createTask(asyncio.gather([child]), { name: "parent" })
      yield* asyncio.sleep(0)
      // All tasks are compared in turn: the second look begins.
      look()
      const awaiters = named(look(), "child")!.awaiters
      stop()
      yield* asyncio.cancelAndWait([parent, child])
      return awaiters.length
    })

    assert.strictEqual(await asyncio.run(program), 1)
  })

  it("counts steps, and how long tasks compute and are on the queue", async () => {
    let now = 0
    const clock = vi.spyOn(performance, "now").mockImplementation(() => now)
    const program = Effect.gen(function* () {
      const { look, stop } = looking()
      const compute = Effect.gen(function* () {
        now += 30
        yield* asyncio.sleep(0)
        now += 10
        yield* asyncio.sleep("1 hour")
      })
      const task = yield* asyncio.createTask(compute, { name: "computes" })
      now += 5
      yield* asyncio.sleep(0)
      yield* asyncio.sleep(0)
      const { busy, longest, scheduled, steps } = named(look(), "computes")!
      stop()
      yield* asyncio.cancelAndWait(task)
      return { busy, scheduled, steps, longest }
    })

    try {
      assert.deepStrictEqual(await asyncio.run(program), { busy: 40, scheduled: 5, steps: 2, longest: 30 })
    } finally {
      clock.mockRestore()
    }
  })

  it("counts what an async function computes behind its step", async () => {
    let now = 0
    const clock = vi.spyOn(performance, "now")
    const main = async () => {
      clock.mockImplementation(() => now)
      const { look, stop } = looking()
      const task = compat.createTask(
        async () => {
          await Promise.resolve()
          now += 20
          await compat.sleep("1 hour")
        },
        { name: "computes" }
      )
      await compat.sleep(0)
      await compat.sleep(0)
      const { busy, steps } = named(look(), "computes")!
      stop()
      task.cancel()
      return { busy, steps }
    }

    try {
      assert.deepStrictEqual(await compat.run(main), { busy: 20, steps: 1 })
    } finally {
      clock.mockRestore()
    }
  })

  it("tells of a task that was asked to cancel itself, and by whom", async () => {
    const main = async () => {
      const { look, stop } = looking()
      const stubborn = async () => {
        await compat.sleep("1 hour").catch(() => compat.sleep("1 hour"))
      }
      const task = compat.createTask(stubborn, { name: "stubborn" })
      await compat.sleep(0)
      task.cancel("enough")
      await compat.sleep(0)
      const row = named(look(), "stubborn")!
      stop()
      task.cancel()
      return [row.cancelling, row.cancellation?.reason, row.cancellation?.requestedBy?.name]
    }

    assert.deepStrictEqual(await compat.run(main), [1, "enough", "Task-1"])
  })

  it("says which failures nobody has heard of, until somebody does", async () => {
    const program = Effect.gen(function* () {
      const { look, stop } = looking()
      const task = yield* asyncio.createTask(Effect.fail(new Error("no bread")), { name: "baker" })
      yield* asyncio.sleep(0)
      yield* asyncio.sleep(0)
      const picture = look()
      const before = picture.ended.map(({ error, unretrieved }) => [error, unretrieved])
      yield* Effect.ignore(task)
      const after = look().ended.map(({ unretrieved }) => unretrieved)
      stop()
      return { before, after }
    })

    assert.deepStrictEqual(await asyncio.run(program), { before: [["Error: no bread", true]], after: [false] })
  })

  it("follows no more tasks than it may, and reads none of them then", async () => {
    const program = Effect.gen(function* () {
      const watch = new Watch(new LoopRows(), 3)
      const looks = () => attempt(() => watch.look().rows?.id.length)
      const make = asyncio.createTask(asyncio.sleep("1 hour"))
      yield* make
      yield* make
      const three = looks()
      const one = yield* make
      const four = looks()
      yield* asyncio.cancelAndWait(one)
      const again = looks()
      watch.stop()
      return [three, four, typeof again]
    })

    assert.deepStrictEqual(await asyncio.run(program), [
      3,
      "Error: it has 4 tasks, and no more than 3 are followed as they change: ps, pstree, where and dump read them all",
      "number"
    ])
  })

  it("is believed no more tasks by who looks", async () => {
    const program = Effect.gen(function* () {
      yield* asyncio.createTask(asyncio.sleep("1 hour"))
      const watch = new Watch(new LoopRows())
      const picture = new Picture(1)
      const seen = attempt(() => picture.apply(watch.look(), 0))
      watch.stop()
      return seen
    })

    assert.match(String(await asyncio.run(program)), /^InspectError: it has 2 tasks, and no more than 1 are followed/)
  })

  it("leaves nothing on the loop when nobody looks", async () => {
    const program = Effect.gen(function* () {
      const loop = (yield* asyncio.getRunningLoop) as unknown as { observer: unknown }
      const { look, stop } = looking()
      const another = looking()
      look()
      const during = loop.observer !== undefined
      stop()
      another.stop()
      return [during, loop.observer]
    })

    assert.deepStrictEqual(await asyncio.run(program), [true, undefined])
  })

  it("tells of more tasks than one piece has, and begins again behind too many ends", async () => {
    const program = Effect.gen(function* () {
      const loop = yield* asyncio.getRunningLoop
      const { agent, look, stop } = looking()
      const tasks: Array<asyncio.Task<void>> = []
      for (let i = 0; i < 12_000; i++) tasks.push(yield* asyncio.createTask(asyncio.sleep("1 hour")))
      yield* asyncio.sleep(0)
      const late = agent.watch()
      const pieces: Array<number> = []
      for (let more: true | undefined = true; more;) {
        const piece = agent.look(late)
        pieces.push(piece.rows?.id.length ?? 0)
        more = piece.more
      }
      agent.unwatch(late)
      while (look().tasks.size < loop.allTasksUnsafe().length);
      const count = look().tasks.size
      yield* asyncio.cancelAndWait(tasks)
      stop()
      return { pieces, count }
    })

    assert.deepStrictEqual(await asyncio.run(program), { pieces: [5000, 5000, 2001], count: 12_001 })
  })
})
