import { assert, describe, it } from "vitest"
import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect } from "effect"
import { type Dump, InspectError, pstree, psTable } from "@effect-asyncio/inspect"
import { dumpHere } from "../support.ts"
import expected from "./expected.json" with { type: "json" }
import { programs } from "./programs.ts"

/** The program half a second after its beginning. */
const dumpOf = async (main: () => Effect.Effect<unknown, unknown>): Promise<Dump> => {
  let dump: Dump | undefined
  const loop = makeVirtualTimeLoop()
  const body = Effect.gen(function* () {
    const task = yield* asyncio.currentTask
    loop.callLaterUnsafe(500, () => {
      dump = dumpHere(loop)
      task.cancelUnsafe()
    })
    yield* main()
  })
  // The coroutine of the task is main, and nothing around it.
  await asyncio.run(body, { loopFactory: () => loop }).catch(() => {})
  return dump!
}

/** A dump with numbers of tasks from 1 on, as if the process had just begun. */
const renumbered = (dump: Dump): Dump => {
  const first = Math.min(...dump.loops.flatMap(({ tasks }) => tasks.map(({ id }) => id))) - 1
  const loops = dump.loops.map((loop) => ({
    ...loop,
    tasks: loop.tasks.map((task) => ({ ...task, id: task.id - first, awaiters: task.awaiters.map((id) => id - first) }))
  }))
  return { ...dump, process: { ...dump.process, pid: 1 }, loops }
}

const withoutPlaces = (line: string) => line.replace(/ (?:defined at )?\/\S+:\d+$/, " FILE:N")

/** As a terminal shows it: with an end of the last line. */
const lines = (print: () => ReadonlyArray<string>): ReadonlyArray<string> => {
  try {
    return [...print().map(withoutPlaces), ""]
  } catch (error) {
    assert.instanceOf(error, InspectError)
    return [...error.message.split("\n"), ""]
  }
}

describe("what CPython 3.14 prints for the same program", () => {
  it("is known for each program", () => {
    assert.deepStrictEqual(Object.keys(programs), Object.keys(expected))
  })

  it.each(Object.entries(programs))("is what ps and pstree print: %s", async (name, main) => {
    const dump = renumbered(await dumpOf(main))

    assert.deepStrictEqual(
      { ps: lines(() => psTable(dump)), pstree: lines(() => pstree(dump)) },
      (expected as Record<string, unknown>)[name]
    )
  })
})
