/**
 * Requests that are due in the same step. A task of asyncio keeps one, whoever has asked and for whichever part of it: the last. Here
 * each part keeps its own, and what is delivered has to be the same, whatever the task and its parts are made of.
 */
import { assert, describe, it } from "vitest"
import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { Effect } from "effect"
import { rejection, run } from "../support.ts"

type Body = { readonly promise: () => Promise<void> } | { readonly effect: Effect.Effect<void, unknown> }

const asPromise = (body: Body): (() => Promise<void>) =>
  "promise" in body ? body.promise : () => asyncio.runEffect(body.effect)

const asEffect = (body: Body): Effect.Effect<void, unknown> =>
  "effect" in body ? body.effect : asyncio.toEffect(body.promise)

const tasks: Record<string, (body: Body) => asyncio.Task<void>> = {
  "an async task": (body) => asyncio.createTask(asPromise(body)),
  "a task of an Effect": (body) => asyncio.createTask(asEffect(body))
}

/** Has a time limit expire. */
type Expire = (at: number) => void

const limits: Record<string, (body: Body, given: (expire: Expire) => void) => Body> = {
  "a limit of compat": (body, given) => ({
    promise: () =>
      asyncio.timeout(undefined, (limit) => {
        given((at) => limit.reschedule(at))
        return asPromise(body)()
      })
  }),
  "a limit of core": (body, given) => ({
    effect: core.timeout(undefined, (limit) => {
      given((at) => Effect.runSync(limit.reschedule(at)))
      return asEffect(body)
    })
  })
}

type Seen = (error: unknown) => void

// Each cleans up, and is not cancelled once more at it.
const waits: Record<string, (future: asyncio.Future<void>, seen: Seen) => Body> = {
  "an await": (future, seen) => ({
    promise: async () => {
      try {
        await future
      } catch (error) {
        seen(error)
        await asyncio.sleep(1)
        throw error
      }
    }
  }),
  "an Effect": (future, seen) => ({
    effect: Effect.onExit(future.core, (exit) => {
      if (exit._tag === "Failure") seen(core.exceptionOf(exit.cause))
      return core.sleep(1)
    })
  })
}

const permutations = <A>(items: ReadonlyArray<A>): ReadonlyArray<ReadonlyArray<A>> =>
  items.length === 0
    ? [[]]
    : items.flatMap((item) => permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]))

const kinds = Object.keys(limits)
const nests = kinds.flatMap((outer) => [[outer], ...kinds.map((inner) => [outer, inner])])

const cases = Object.keys(tasks).flatMap((task) =>
  nests.flatMap((nest) => Object.keys(waits).map((wait) => ({ task, nest, wait })))
)

/** Who asks, in order: the program for the whole task, and limits by their places. */
type Order = ReadonlyArray<"program" | number>

/** What the task's innermost code sees, and what the task ends with. */
const outcome = ({ task: kind, nest, wait }: (typeof cases)[number], order: Order, woken: boolean) =>
  run(async () => {
    const expire: Array<Expire> = []
    const seen: Array<string> = []
    const loop = asyncio.getRunningLoop()
    const future = loop.createFuture<void>()
    const inside = waits[wait]!(future, (error) => seen.push((error as Error).message))
    const body = nest.reduceRight(
      (body, name, place) => limits[name]!(body, (given) => (expire[place] = given)),
      inside
    )
    const task = tasks[kind]!(body)
    await asyncio.sleep(1)
    const at = loop.time() + 1
    if (woken) loop.callAt(at, () => future.setResult())
    for (const asking of order) {
      if (asking === "program") loop.callAt(at, () => task.cancel("enough"))
      else expire[asking]!(at)
    }
    const error = (await rejection(task)) as asyncio.CancelledError
    return { seen, name: error.name, message: error.message, reason: error.reason }
  })

describe("of requests that are due in one step", () => {
  for (const given of cases) {
    for (const order of permutations<"program" | number>(["program", ...given.nest.keys()])) {
      const asked = order.map((asking) => (asking === "program" ? asking : `limit ${asking + 1}`)).join(", ")
      const where = `${[given.task, ...given.nest].join(" with ")}, ${given.wait}`
      const expected = (decides: Order[number] | undefined) => {
        const message = decides === "program" ? "enough" : ""
        return { seen: [message], name: "CancelledError", message, reason: "enough" }
      }

      it(`the last is delivered where what is awaited was done already: ${asked}; ${where}`, async () => {
        assert.deepStrictEqual(await outcome(given, order, true), expected(order.at(-1)))
      })

      it(`the first is delivered by what it has cancelled: ${asked}; ${where}`, async () => {
        assert.deepStrictEqual(await outcome(given, order, false), expected(order[0]))
      })
    }
  }
})
