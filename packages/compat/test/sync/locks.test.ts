// The synchronization primitives for promise code; what they do is tested in core.
import * as asyncio from "@effect-asyncio/compat"
import { assert, describe, it } from "vitest"
import { rejection, run, runningLoop, text, thrown } from "../support.ts"

/** Starts a task that notes when it is through and how. */
const through = (lines: Array<string>, name: string, wait: () => Promise<unknown>) =>
  asyncio.createTask(
    async () => {
      try {
        lines.push(`${name}: ${String(await wait())}`)
      } catch (error) {
        lines.push(`${name}: ${String(error)}`)
      }
    },
    { name }
  )

/** Lets everything that is ready run. */
const settle = () => asyncio.sleep(1)

describe("Lock", () => {
  it("is given to those who wait in the order they came", () =>
    run(async () => {
      const lines: Array<string> = []
      const lock = new asyncio.Lock()
      const use = (name: string) => through(lines, name, () => lock.use(() => asyncio.sleep(1, runningLoop().time())))

      await Promise.all(["a", "b", "c"].map(use))

      assert.deepStrictEqual([lines, lock.locked()], [["a: 0", "b: 1", "c: 2"], false])
    }))

  it("acquire gives true, release throws when nobody holds it", () =>
    run(async () => {
      const lock = new asyncio.Lock()

      const before = lock.locked()
      const acquired = await lock.acquire()
      const held = lock.locked()
      lock.release()

      assert.deepStrictEqual(
        { before, acquired, held, after: lock.locked() },
        { before: false, acquired: true, held: true, after: false }
      )
      assert.strictEqual(
        thrown(() => lock.release()),
        "RuntimeError: Lock is not acquired."
      )
    }))

  it("is released when the body of use throws, rejects or is cancelled", () =>
    run(async () => {
      const lock = new asyncio.Lock()
      const cancelled = asyncio.createTask(() => lock.use(() => asyncio.sleep("1 hour")))
      await settle()
      cancelled.cancel()

      const errors = [
        await text(cancelled),
        await text(lock.use(() => Promise.reject(new Error("rejected")))),
        await text(
          lock.use(() => {
            throw new Error("thrown")
          })
        ),
        await lock.use(() => "plain")
      ]

      assert.deepStrictEqual(
        [errors, lock.locked()],
        [["CancelledError", "Error: rejected", "Error: thrown", "plain"], false]
      )
    }))

  it("is released at the end of a block, with using and with await using, once", () =>
    run(async () => {
      const lock = new asyncio.Lock()
      const seen: Array<boolean> = []
      {
        using held = await lock.hold()
        seen.push(lock.locked())
        held[Symbol.dispose]()
        seen.push(lock.locked())
      }
      {
        await using _ = await lock.hold()
        seen.push(lock.locked())
      }

      assert.deepStrictEqual([seen, lock.locked()], [[true, false, true], false])
    }))

  it("is not held by a waiter that was cancelled, and goes to the next one", () =>
    run(async () => {
      const lines: Array<string> = []
      const lock = new asyncio.Lock()
      await lock.acquire()
      const tasks = ["a", "b", "c"].map((name) => through(lines, name, () => lock.acquire()))
      await settle()

      tasks[0]!.cancel("given up")
      lock.release()
      tasks[1]!.cancel("too late to keep it")

      await settle()
      assert.deepStrictEqual(lines.toSorted(), [
        "a: CancelledError: given up",
        "b: CancelledError: too late to keep it",
        "c: true"
      ])
      assert.isTrue(lock.locked())
    }))

  it("can be made and taken outside of a run, and handed to one", async () => {
    const lock = new asyncio.Lock()

    await lock.acquire()
    assert.strictEqual(String(lock), "<Lock [locked]>")
    lock.release()
    await run(async () => {
      await lock.acquire()
      assert.strictEqual(String(lock), "<Lock [locked]>")
    })
  })
})

describe("Event", () => {
  it("wakes everybody who waits, in order, also when it is cleared at once", () =>
    run(async () => {
      const lines: Array<string> = []
      const event = new asyncio.Event()
      for (const name of ["a", "b"]) through(lines, name, () => event.wait())
      await settle()

      event.set()
      event.clear()

      await settle()
      assert.deepStrictEqual(
        { lines, set: event.isSet(), text: String(event) },
        { lines: ["a: true", "b: true"], set: false, text: "<Event [unset]>" }
      )
    }))

  it("lets through at once while it is set, and forgets a waiter that was cancelled", () =>
    run(async () => {
      const event = new asyncio.Event()
      const task = asyncio.createTask(() => event.wait())
      await settle()
      task.cancel("stop")

      assert.strictEqual(await text(task), "CancelledError: stop")
      assert.strictEqual(String(event), "<Event [unset]>")
      event.set()
      assert.deepStrictEqual({ wait: await event.wait(), set: event.isSet() }, { wait: true, set: true })
    }))
})

describe("Condition", () => {
  it("wakes as many as it is told, in the order they came", () =>
    run(async () => {
      const lines: Array<string> = []
      const condition = new asyncio.Condition()
      for (const name of ["a", "b", "c"]) through(lines, name, () => condition.use(() => condition.wait()))
      await settle()

      await condition.use(() => condition.notify(2))
      await settle()
      lines.push("notified two")
      await condition.use(() => condition.notifyAll())
      await settle()

      assert.deepStrictEqual(lines, ["a: true", "b: true", "notified two", "c: true"])
    }))

  it("gives with waitFor what the predicate gives, and rejects with what it throws", () =>
    run(async () => {
      const condition = new asyncio.Condition()
      let stock = 0
      const waiting = asyncio.createTask(() =>
        condition.use(() => condition.waitFor(() => stock > 1 && `stock ${stock}`))
      )
      await settle()
      for (let n = 0; n < 2; n++) {
        await condition.use(() => {
          stock++
          condition.notify()
        })
        await settle()
      }

      const failing = condition.use(() =>
        condition.waitFor(() => {
          throw new Error("bad predicate")
        })
      )

      assert.deepStrictEqual(
        { waiting: await waiting, failing: await text(failing), locked: condition.locked() },
        { waiting: "stock 2", failing: "Error: bad predicate", locked: false }
      )
    }))

  it("throws or rejects when the lock is not held", () =>
    run(async () => {
      const condition = new asyncio.Condition()

      const errors = [
        thrown(() => condition.notify()),
        thrown(() => condition.notifyAll()),
        thrown(() => condition.release()),
        await text(condition.wait()),
        await text(condition.waitFor(() => false))
      ]

      assert.deepStrictEqual(errors, [
        "RuntimeError: cannot notify on un-acquired lock",
        "RuntimeError: cannot notify on un-acquired lock",
        "RuntimeError: Lock is not acquired.",
        "RuntimeError: cannot wait on un-acquired lock",
        "RuntimeError: cannot wait on un-acquired lock"
      ])
    }))

  it("holds the lock again when a cancelled wait rejects", () =>
    run(async () => {
      const lines: Array<string> = []
      const condition = new asyncio.Condition()
      const task = asyncio.createTask(async () => {
        await condition.acquire()
        await condition.wait().catch((error: unknown) => lines.push(`${String(error)}, locked: ${condition.locked()}`))
        condition.release()
      })
      await settle()

      task.cancel("stop")

      await task
      assert.deepStrictEqual([lines, condition.locked()], [["CancelledError: stop, locked: true"], false])
    }))

  it("shares the lock it is given", () =>
    run(async () => {
      const lock = new asyncio.Lock()
      const condition = new asyncio.Condition(lock)

      using _ = await condition.hold()

      assert.deepStrictEqual(
        { lockLocked: lock.locked(), conditionLocked: condition.locked(), text: String(condition) },
        { lockLocked: true, conditionLocked: true, text: "<Condition [locked]>" }
      )
    }))
})

describe("Semaphore", () => {
  it("lets in as many as it has permits, and the others in the order they came", () =>
    run(async () => {
      const lines: Array<string> = []
      const semaphore = new asyncio.Semaphore(2)
      const use = (name: string) =>
        through(lines, name, () => semaphore.use(() => asyncio.sleep(1, runningLoop().time())))

      await Promise.all(["a", "b", "c", "d"].map(use))

      assert.deepStrictEqual([lines, semaphore.locked()], [["a: 0", "b: 0", "c: 1", "d: 1"], false])
    }))

  it("can be released beyond its first value, a bounded one cannot", () =>
    run(async () => {
      const semaphore = new asyncio.Semaphore()
      const bounded = new asyncio.BoundedSemaphore(1)

      semaphore.release()

      assert.deepStrictEqual(
        { first: await semaphore.acquire(), second: await semaphore.acquire(), locked: semaphore.locked() },
        { first: true, second: true, locked: true }
      )
      assert.strictEqual(
        thrown(() => bounded.release()),
        "ValueError: BoundedSemaphore released too many times"
      )
      assert.deepStrictEqual(
        [String(bounded), bounded instanceof asyncio.Semaphore],
        ["<BoundedSemaphore [unlocked, value:1]>", true]
      )
    }))

  it("gives the permit of a cancelled waiter to the next one, and of a block at its end", () =>
    run(async () => {
      const lines: Array<string> = []
      const semaphore = new asyncio.Semaphore(1)
      {
        using _ = await semaphore.hold()
        const tasks = ["a", "b"].map((name) => through(lines, name, () => semaphore.acquire()))
        await settle()
        tasks[0]!.cancel("stop")
      }

      await settle()
      assert.deepStrictEqual(lines, ["a: CancelledError: stop", "b: true"])
    }))

  it("throws for a value that is negative", () => {
    assert.deepStrictEqual(
      [thrown(() => new asyncio.Semaphore(-1)), thrown(() => new asyncio.BoundedSemaphore(-1))],
      ["ValueError: Semaphore initial value must be >= 0", "ValueError: Semaphore initial value must be >= 0"]
    )
  })
})

describe("Barrier", () => {
  it("lets its parties go together, and gives each its number", () =>
    run(async () => {
      const barrier = new asyncio.Barrier(2)

      const numbers = await asyncio.gather([() => barrier.wait(), () => barrier.use((index) => `body ${index}`)])

      assert.deepStrictEqual(
        {
          numbers,
          parties: barrier.parties,
          nWaiting: barrier.nWaiting(),
          broken: barrier.broken(),
          text: String(barrier)
        },
        { numbers: [0, "body 1"], parties: 2, nWaiting: 0, broken: false, text: "<Barrier [filling, waiters:0/2]>" }
      )
    }))

  it("rejects those who wait when it is reset or aborted, and everybody once it is broken", () =>
    run(async () => {
      const lines: Array<string> = []
      const barrier = new asyncio.Barrier(2)
      through(lines, "a", () => barrier.wait())
      await settle()
      lines.push(`${barrier.nWaiting()}`)
      await barrier.reset()
      through(lines, "b", () => barrier.wait())
      await settle()
      await barrier.abort()
      await settle()

      lines.push((await rejection(barrier.wait())) instanceof asyncio.BrokenBarrierError ? "broken" : "not broken")

      assert.strictEqual(lines[0], "1")
      assert.match(lines[1]!, /^a: BrokenBarrierError/)
      assert.match(lines[2]!, /^b: BrokenBarrierError/)
      assert.deepStrictEqual([lines[3], barrier.broken()], ["broken", true])
    }))

  it("does not count a waiter that was cancelled", () =>
    run(async () => {
      const barrier = new asyncio.Barrier(2)
      const task = asyncio.createTask(() => barrier.wait())
      await settle()

      task.cancel("stop")

      assert.deepStrictEqual([await text(task), barrier.nWaiting()], ["CancelledError: stop", 0])
    }))

  it("throws for less than one party", () => {
    assert.strictEqual(
      thrown(() => new asyncio.Barrier(0)),
      "ValueError: parties must be >= 1"
    )
  })
})

describe("what waits", () => {
  it("rejects in a callback, and does not throw", async () => {
    const inCallback: Array<Promise<string>> = []
    const waits: ReadonlyArray<() => Promise<unknown>> = [
      () => new asyncio.Lock().acquire(),
      () => new asyncio.Lock().hold(),
      () => new asyncio.Lock().use(() => {}),
      () => new asyncio.Event().wait(),
      () => new asyncio.Condition().acquire(),
      () => new asyncio.Semaphore().acquire(),
      () => new asyncio.Barrier(1).wait(),
      () => new asyncio.Barrier(1).reset(),
      () => new asyncio.Barrier(1).abort(),
      () => new asyncio.Queue().get(),
      () => new asyncio.Queue().put(1),
      () => new asyncio.Queue().join()
    ]
    await run(async () => {
      asyncio.getRunningLoop().callSoon(() => inCallback.push(...waits.map((wait) => text(wait()))))
      await settle()
    })

    for (const message of await Promise.all(inCallback)) {
      assert.match(message, /^RuntimeError: \w+\(\) needs a task: a callback cannot wait$/)
    }
  })
})
