/**
 * An exploration finds what needs the outside to do something else than usual, makes the schedule short, and finds it again by that.
 */
import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { type ExploreOptions, explore, fakeEvent, fakeIo, NotDeterministic, replay } from "@effect-asyncio/testing"
import * as effects from "@effect-asyncio/testing/core"
import { schedules } from "@effect-asyncio/testing/fast-check"
import { Effect } from "effect"
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import { failureOf, quiet } from "./support.ts"

/** A search field that shows what comes last. */
const field = async (page: { shown: string }): Promise<void> => {
  const search = fakeIo([10, 50], (text: string) => `results of ${text}`, { name: "search" })
  const type = async (text: string): Promise<void> => {
    page.shown = await search(text)
  }
  await asyncio.taskGroup(async (group) => {
    for (const text of ["a", "ab", "abc"]) {
      group.createTask(() => type(text), { name: text })
      await asyncio.sleep(1)
    }
  })
}

const fieldOptions = {
  ...quiet,
  setup: () => ({ shown: "" }),
  check: ({ shown }: { shown: string }) => assert.strictEqual(shown, "results of abc")
}

describe("an exploration", () => {
  for (const strategy of ["pct", "random", "exhaustive"] as const) {
    it(`finds an answer that comes too late: ${strategy}`, async () => {
      const failure = await failureOf(explore(field, { ...fieldOptions, strategy }))

      assert.match(failure.message, /^the program does not hold where search takes 50 ms\n/)
      assert.match(failure.replay, /^\d+=1$/)
      const again = await failureOf(replay(field, failure.replay, fieldOptions))
      assert.strictEqual(again.replay, failure.replay)
    })
  }

  it("finds nothing where the last one wins by its number", async () => {
    const right = async (page: { shown: string }): Promise<void> => {
      const search = fakeIo([10, 50], (text: string) => `results of ${text}`)
      let last = 0
      const type = async (text: string): Promise<void> => {
        const number = ++last
        const results = await search(text)
        if (number === last) page.shown = results
      }
      await asyncio.taskGroup(async (group) => {
        for (const text of ["a", "ab", "abc"]) {
          group.createTask(() => type(text))
          await asyncio.sleep(1)
        }
      })
    }

    const { complete, runs } = await explore(right, { ...fieldOptions, strategy: "exhaustive", deviations: 3 })

    assert.deepStrictEqual({ complete, isMany: runs > 10 }, { complete: true, isMany: true })
  })

  it("has I/O fail and hang", async () => {
    const program = async (): Promise<void> => {
      const lock = new asyncio.Lock()
      const save = fakeIo(5, () => {}, { name: "save", fails: new Error("503"), hangs: true })
      await lock.acquire()
      await asyncio.timeout("1 second", () => asyncio.abortable(save()))
      lock.release()
    }

    const found = new Set<string>()
    for (const seed of [1, 2, 3, 4, 5]) {
      const failure = await failureOf(explore(program, { ...quiet, seed, ignore: ["errors"] }))
      found.add(failure.message.split("\n")[0]!)
    }

    assert.deepStrictEqual([...found].sort(), [
      "the program does not hold where save fails with Error: 503",
      "the program does not hold where save never answers"
    ])
  })

  it("takes either of two equal deadlines first", async () => {
    const program = async (order: Array<string>): Promise<void> => {
      const sleeper = async (name: string): Promise<void> => {
        await asyncio.sleep(10)
        order.push(name)
      }
      await asyncio.gather([sleeper("first"), sleeper("second")])
    }
    const check = (order: Array<string>) => assert.deepStrictEqual(order, ["first", "second"])

    const failure = await failureOf(explore(program, { ...quiet, setup: (): Array<string> => [], check }))

    assert.include(failure.message, "the one that was set later comes first")
  })

  it("wakes late: two deadlines then come in one iteration, in their order", async () => {
    const program = async (seen: Array<string>): Promise<void> => {
      const done = asyncio.getRunningLoop().createFuture<string>()
      fakeEvent(15, () => void (done.done() || done.setResult("came")))
      await asyncio
        .timeout(10, () => done)
        .then(
          () => seen.push("came"),
          () => seen.push("too late")
        )
    }

    const { runs } = await explore(program, {
      ...quiet,
      setup: (): Array<string> => [],
      check: (seen) => assert.deepStrictEqual(seen, ["too late"]),
      strategy: "exhaustive"
    })

    assert.isAbove(runs, 3)
  })

  const two = async (order: Array<string>): Promise<void> => {
    await asyncio.taskGroup(async (group) => {
      group.createTask(
        async () => {
          await asyncio.sleep(5)
          order.push("first")
        },
        { name: "first" }
      )
      group.createTask(
        async () => {
          await asyncio.sleep(20)
          order.push("second")
        },
        { name: "second" }
      )
    })
  }
  const inOrder: ExploreOptions<Array<string>> = {
    ...quiet,
    setup: () => [],
    check: (order) => assert.deepStrictEqual(order, ["first", "second"])
  }

  it("never reverses what the loop promises", async () => {
    await explore(two, inOrder)
  })

  it("takes a sleep for work where it is told to", async () => {
    const failure = await failureOf(explore(two, { ...inOrder, sleeps: "work" }))

    assert.match(failure.message, /a sleep takes \d+ ms instead of \d+ ms/)
    assert.match(failure.message, /replay\(program, ".+", \{ sleeps: "work", \.\.\. \}\)/)
  })

  it("takes any step of the queue where it is told to", async () => {
    const program = async (order: Array<string>): Promise<void> => {
      const note = async (name: string): Promise<void> => void order.push(name)
      await asyncio.taskGroup(async (group) => {
        for (const name of ["first", "second"]) group.createTask(() => note(name), { name })
      })
    }
    await explore(program, inOrder)

    const failure = await failureOf(explore(program, { ...inOrder, order: "anyOrder" }))

    assert.include(failure.message, "second goes first")
  })

  it("makes a schedule as short as it can", async () => {
    const failure = await failureOf(explore(field, { ...fieldOptions, strategy: "random", seed: 5 }))

    assert.notInclude(failure.replay, ",")
  })

  it("says that a program is not deterministic, and why", async () => {
    const program = async (): Promise<void> => {
      await asyncio.sleep(Math.random() * 100)
    }

    const error: unknown = await explore(program, quiet).catch((error: unknown) => error)

    assert.instanceOf(error, NotDeterministic)
    assert.match((error as Error).message, /Math\.random\(\) at .*explore\.test\.ts[.a-z]*:\d+/)
  })

  it("has the date and the clocks of the host go by its time", async () => {
    const times: Array<number> = []
    await explore(
      async () => {
        const [date, clock] = [Date.now(), performance.now()]
        await asyncio.sleep("1 hour")
        times.push(Date.now() - date, performance.now() - clock, new Date().getTime() - date)
      },
      { ...quiet, schedules: 1 }
    )

    assert.deepStrictEqual(times.slice(0, 3), [3_600_000, 3_600_000, 3_600_000])
  })

  it("tries all of a small program", async () => {
    const load = fakeIo([1, 2, 3], () => {})

    const { complete, decisions, runs } = await explore(() => load(), {
      ...quiet,
      strategy: "exhaustive",
      deviations: 1
    })

    // The usual one, two more latencies, and three more times at which the loop may wake.
    assert.deepStrictEqual([complete, decisions, runs], [true, 2, 6])
  })

  it("explores Effects", async () => {
    const failure = await failureOf(
      effects.explore(
        (page: { shown: string }) =>
          Effect.gen(function* () {
            const search = effects.fakeIo([10, 50], (text: string) => text, { name: "search" })
            const type = (text: string) => Effect.map(search.effect(text), (found) => void (page.shown = found))
            yield* core.taskGroup((group: core.TaskGroup) =>
              Effect.gen(function* () {
                yield* group.createTask(type("a"))
                yield* core.sleep(1)
                yield* group.createTask(type("ab"))
              })
            )
          }),
        {
          ...quiet,
          setup: Effect.sync(() => ({ shown: "" })),
          check: ({ shown }) => (shown === "ab" ? Effect.void : Effect.die(new Error(`shows ${shown}`)))
        }
      )
    )

    assert.match(failure.message, /^the program does not hold where search takes 50 ms/)
  })

  it("is a property of fast-check, which makes the schedule short", async () => {
    const property = fc.asyncProperty(schedules(), (schedule) => replay(field, schedule, fieldOptions))

    const { counterexample, failed } = await fc.check(property, { numRuns: 200, seed: 7 })

    assert.isTrue(failed)
    assert.match(counterexample![0], /^\d+=\d$/)
  })
})
