import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { run } from "../support.ts"

const seconds = Effect.map(
  Effect.clockWith((clock) => clock.currentTimeMillis),
  (millis) => millis / 1000
)

/** Takes down what happens, and when. */
const diary = () => {
  const lines: Array<string> = []
  const say = (line: string) => Effect.map(seconds, (at) => void lines.push(`${at} ${line}`))
  return { lines, say }
}

/** The places where a program can be that is run on a TestClock. */
const places: Record<string, (program: Effect.Effect<void>) => Promise<void>> = {
  "in a fiber": (program) => Effect.runPromise(Effect.provide(program, TestClock.layer())),
  "in a task": (program) =>
    Effect.runPromise(
      Effect.provide(Effect.flatten(asyncio.createTask(program)), TestClock.layer()) as Effect.Effect<void>
    ),
  "in withLoop": (program) => Effect.runPromise(Effect.provide(asyncio.withLoop(program), TestClock.layer())),
  "in a task in withLoop": (program) =>
    Effect.runPromise(
      Effect.provide(
        asyncio.withLoop(Effect.flatten(asyncio.createTask(program))),
        TestClock.layer()
      ) as Effect.Effect<void>
    ),
  "under layer": (program) =>
    Effect.runPromise(Effect.provide(program, asyncio.layer().pipe(Layer.provideMerge(TestClock.layer())))),
  "in a task under layer": (program) =>
    Effect.runPromise(
      Effect.provide(
        Effect.flatten(asyncio.createTask(program)),
        asyncio.layer().pipe(Layer.provideMerge(TestClock.layer()))
      ) as Effect.Effect<void>
    )
}

/** Places where the loop is on another clock, and the program puts a TestClock over it. */
const insides: typeof places = {
  "provided inside of run": (program) =>
    asyncio.run(Effect.provide(program, TestClock.layer()), { handleSigint: false }),
  "provided inside of a run on virtual time": (program) => run(Effect.provide(program, TestClock.layer())),
  "provided inside of run, in a task": (program) =>
    asyncio.run(Effect.provide(Effect.flatten(asyncio.createTask(program)), TestClock.layer()) as Effect.Effect<void>, {
      handleSigint: false
    }),
  "provided inside of withLoop": (program) =>
    Effect.runPromise(asyncio.withLoop(Effect.provide(program, TestClock.layer()))),
  "provided inside of withLoop, in a task": (program) =>
    Effect.runPromise(
      asyncio.withLoop(
        Effect.provide(Effect.flatten(asyncio.createTask(program)), TestClock.layer()) as Effect.Effect<void>
      )
    ),
  "provided inside of layer": (program) =>
    Effect.runPromise(Effect.provide(Effect.provide(program, TestClock.layer()), asyncio.layer()))
}

const eachPlace = (name: string, program: Effect.Effect<void>) => {
  for (const [place, runIn] of Object.entries(places)) it(`${name} (${place})`, () => runIn(program), 5000)
}

describe("TestClock.adjust", () => {
  eachPlace(
    "wakes the tasks whose time has come, each at its time, and waits for them",
    Effect.gen(function* () {
      const { lines, say } = diary()
      const worker = (name: string, sleep: Effect.Effect<void>) =>
        Effect.gen(function* () {
          yield* sleep
          yield* say(`${name} woken`)
          yield* asyncio.sleep(0)
          yield* asyncio.sleep(0)
          yield* say(`${name} asleep`)
          yield* sleep
          yield* say(`${name} done`)
        })
      yield* asyncio.createTask(worker("ours", asyncio.sleep("1 second")))
      yield* asyncio.createTask(worker("Effect's", Effect.sleep("3 seconds")))
      yield* asyncio.sleep(0)

      yield* TestClock.adjust("1 second")
      yield* say("adjusted")
      yield* TestClock.adjust("5 seconds")
      yield* say("adjusted")

      assert.deepStrictEqual(lines, [
        "1 ours woken",
        "1 ours asleep",
        "1 adjusted",
        "2 ours done",
        "3 Effect's woken",
        "3 Effect's asleep",
        "6 Effect's done",
        "6 adjusted"
      ])
    })
  )

  eachPlace(
    "waits for what those that it wakes wake in turn",
    Effect.gen(function* () {
      const { lines, say } = diary()
      const queue = yield* asyncio.Queue.make<number>()
      const producer = Effect.forEach([1, 2, 3], (n) => Effect.andThen(asyncio.sleep(100), queue.put(n)))
      const consumer = Effect.forever(
        Effect.flatMap(queue.get, (n) =>
          Effect.andThen(
            Effect.promise(async () => {}),
            say(`got ${n}`)
          )
        )
      )
      yield* asyncio.createTask(producer)
      const task = yield* asyncio.createTask(consumer)
      yield* asyncio.sleep(0)

      yield* TestClock.adjust(250)
      yield* say("adjusted")
      yield* TestClock.adjust(50)
      yield* say("adjusted")

      yield* task.cancel()
      assert.deepStrictEqual(lines, ["0.1 got 1", "0.2 got 2", "0.25 adjusted", "0.3 got 3", "0.3 adjusted"])
    })
  )

  eachPlace(
    "ends time limits, ours and Effect's",
    Effect.gen(function* () {
      const { lines, say } = diary()
      const limited = [
        asyncio.timeout("2 seconds", () => asyncio.sleep("1 hour")),
        Effect.timeout(asyncio.sleep("1 hour"), "3 seconds"),
        asyncio.waitFor(asyncio.sleep("1 hour"), "4 seconds")
      ]
      for (const wait of limited) {
        yield* asyncio.createTask(Effect.catch(wait, (error) => say(error._tag)))
      }
      yield* asyncio.sleep(0)
      yield* asyncio.sleep(0)

      yield* TestClock.adjust("10 seconds")
      yield* say("adjusted")

      assert.deepStrictEqual(lines, ["2 TimeoutError", "3 TimeoutError", "4 TimeoutError", "10 adjusted"])
    })
  )

  eachPlace(
    "can be asked for by a task while another fiber waits for its result",
    Effect.gen(function* () {
      const sleeper = yield* Effect.forkChild(asyncio.sleep("1 day", "slept"), { startImmediately: true })
      const tester = yield* asyncio.createTask(TestClock.adjust("1 day"))

      yield* tester
      assert.strictEqual(yield* Fiber.join(sleeper), "slept")
    }) as Effect.Effect<void>
  )
})

describe("a TestClock that is provided inside of a loop", () => {
  for (const [place, runIn] of Object.entries(insides)) {
    it(`is the clock of the tasks that are made there (${place})`, () =>
      runIn(
        Effect.gen(function* () {
          const { lines, say } = diary()
          const worker = (name: string, sleep: Effect.Effect<void>) =>
            Effect.andThen(sleep, Effect.andThen(say(`${name} woken`), Effect.andThen(sleep, say(`${name} done`))))
          const inner = Effect.flatten(asyncio.createTask(worker("inner", Effect.sleep("3 seconds"))))
          yield* asyncio.createTask(worker("ours", asyncio.sleep("1 second")))
          yield* asyncio.createTask(worker("Effect's", Effect.sleep("2 seconds")))
          yield* asyncio.createTask(inner)
          for (let iteration = 0; iteration < 3; iteration++) yield* asyncio.sleep(0)

          yield* TestClock.adjust("1 second")
          yield* say("adjusted")
          yield* TestClock.adjust("9 seconds")
          yield* say("adjusted")

          assert.deepStrictEqual(lines, [
            "1 ours woken",
            "1 adjusted",
            "2 Effect's woken",
            "2 ours done",
            "3 inner woken",
            "4 Effect's done",
            "6 inner done",
            "10 adjusted"
          ])
        })
      ))
  }
})
