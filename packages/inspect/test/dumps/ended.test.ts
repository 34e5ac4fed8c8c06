import { assert, describe, it } from "vitest"
import * as compat from "@effect-asyncio/compat"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { Effect } from "effect"
import { Agent } from "../../src/target/agent.ts"
import type { Piece } from "../../src/protocol.ts"
import { knownAs, whereText } from "../../src/text/where.ts"
import { dumpHere, dumpOfPieces } from "../support.ts"

/** What `where` says of a task, without its times. */
const whereOf = (loop: asyncio.EventLoop, agent: Agent, name: string): ReadonlyArray<string> => {
  const dump = dumpHere(loop, agent)
  return knownAs(dump, name).map((known) => whereText(known, dump)[0]!.replace(/ \S+ ago.*/, ""))
}

describe("a task that ends", () => {
  const ways = {
    "has its result": Effect.void,
    fails: Effect.fail("on purpose"),
    "is cancelled": Effect.sleep("1 hour")
  }

  it.each(Object.entries(ways))("is known of at each moment, where it %s", async (way, effect) => {
    const seen: Array<ReadonlyArray<string>> = []
    const body = Effect.gen(function* () {
      const agent = new Agent()
      const loop = yield* asyncio.getRunningLoop
      const look = (task: asyncio.Task<unknown, unknown>) => {
        if (task.getName() === "worker") seen.push(whereOf(loop, agent, "worker"))
      }
      // The one hears of the end before it is remembered, and the other one behind that.
      lowlevel.observeUnsafe(loop, { ended: look })
      agent.observe()
      lowlevel.observeUnsafe(loop, { ended: look })
      const task = yield* asyncio.createTask(effect, { name: "worker" })
      yield* asyncio.sleep(0)
      if (way === "is cancelled") yield* task.cancel()
      yield* asyncio.wait([task])
      look(task)
      agent.stop()
      yield* Effect.ignore(task.exception())
    })

    await asyncio.run(body)

    const outcome = { "has its result": "finished", fails: "failed", "is cancelled": "cancelled" }[way]!
    for (const lines of seen) assert.match(lines.join("\n"), new RegExp(`^worker \\(\\d+\\), ${outcome}$`))
    assert.strictEqual(seen.length, 3)
  })

  it("is known of where it does so while a dump is read, also where its loop is not observed", async () => {
    const agent = new Agent()
    const dump = await compat.run(async () => {
      const loop = compat.getRunningLoop().core
      const last = compat.createTask(() => compat.sleep("1 hour"), { name: "before" })
      for (let i = 0; i < 2500; i++) compat.createTask(() => compat.sleep("1 hour"), { name: "other" })
      const worker = compat.createTask(() => compat.sleep("1 hour"), { name: "worker" })
      await compat.sleep(0)
      const first = agent.begin()
      const pieces = [...first.pieces]
      const goOn = () => {
        const part = agent.next(first.dump)
        pieces.push(...part.pieces)
        return part.more
      }
      const isRead = () => pieces.some((piece) => "tasks" in piece && piece.tasks.some(({ name }) => name === "before"))
      // A slow machine comes to less at one moment, and other loops may be read before.
      while (!isRead()) goOn()
      for (const task of [last, worker]) task.cancel()
      await compat.wait([last, worker])
      while (goOn());
      return dumpOfPieces(loop, pieces as ReadonlyArray<Piece>)
    })

    const states = (name: string) => knownAs(dump, name).map(({ ended, task }) => task?.state ?? ended?.outcome)
    assert.deepStrictEqual([states("before"), states("worker")], [["pending"], ["cancelled"]])
  })

  it("is not remembered any more by who has stopped", async () => {
    const observers = await asyncio.run(
      Effect.gen(function* () {
        const agent = new Agent()
        agent.observe()
        agent.stop()
        const loop = yield* asyncio.getRunningLoop
        const later = asyncio.newEventLoop()
        const seen = [loop, later].map((each) => (each as unknown as { readonly observer: unknown }).observer)
        later.closeUnsafe()
        return seen
      })
    )

    assert.deepStrictEqual(observers, [undefined, undefined])
  })
})
