// The stacks of errors: where the program made a mistake, and not where the task layer noticed it.
import * as asyncio from "@effect-asyncio/compat"
import { assert, describe, it } from "vitest"
import { rejection, run } from "../support.ts"

const framesOf = (error: unknown): ReadonlyArray<string> =>
  String((error as Error).stack)
    .split("\n")
    .filter((line) => /^\s+at /.test(line))

const ours = (error: unknown) =>
  framesOf(error).filter((line) => /packages\/(?:core|compat)\/src|node_modules\/effect\//.test(line))

const thrown = (f: () => unknown): unknown => {
  try {
    return f()
  } catch (error) {
    return error
  }
}

const mistakes: Record<string, () => unknown> = {
  "what is no function": () => asyncio.createTask(3 as never),
  "a lock that nobody holds": () => new asyncio.Lock().release(),
  "an empty queue": () => new asyncio.Queue().getNowait(),
  "a full queue": () => {
    const queue = new asyncio.Queue({ maxsize: 1 })
    queue.putNowait(1)
    queue.putNowait(2)
  },
  "a future without a result": () => asyncio.getRunningLoop().createFuture().result()
}

describe("an error leads to the line of the program alone that met", () => {
  it.each(Object.entries(mistakes))("%s", (_, mistake) =>
    run(async () => {
      await asyncio.sleep(0)
      const error = thrown(mistake)

      assert.deepStrictEqual([ours(error), framesOf(error)[0]?.includes("ownFrames.test.ts")], [[], true])
    })
  )
})

it("an error of the program's own order keeps its stack", () => {
  const order = (): number => {
    throw new Error("no order")
  }
  const queue = new asyncio.PriorityQueue({ order })
  queue.putNowait(1)

  const error = thrown(() => queue.putNowait(2))

  assert.include(framesOf(error)[0], "order")
})

it("in debug mode, an error of ours leads through the task layer", () =>
  run(
    async () => {
      assert.notDeepEqual(ours(thrown(() => asyncio.createTask(3 as never))), [])
    },
    { debug: true }
  ))

it("what a group fails with leads to what has failed, and itself nowhere", () =>
  run(async () => {
    const boom = async () => {
      throw new Error("boom")
    }
    const error = await rejection(asyncio.taskGroup((group) => void group.createTask(boom)))

    assert.deepStrictEqual(framesOf(error), [])
    assert.include(framesOf((error as asyncio.ExceptionGroup).errors[0])[0], "boom")
  }))
