import { assert, describe, it } from "@effect/vitest"
import { ReadyQueue } from "../../src/internal/data/readyQueue.ts"

const fill = (queue: ReadyQueue, lines: Array<number>, from: number, to: number) => {
  for (let n = from; n < to; n++) queue.push({ run: () => void lines.push(n) })
}

describe("the ready queue", () => {
  it("gives everything back in the order it came, also when it grows while it is wrapped around", () => {
    const queue = new ReadyQueue()
    const lines: Array<number> = []
    fill(queue, lines, 0, 50)
    for (let n = 0; n < 40; n++) queue.shift().run()
    fill(queue, lines, 50, 1000)

    while (queue.size > 0) queue.shift().run()

    assert.deepStrictEqual(
      lines,
      Array.from({ length: 1000 }, (_, n) => n)
    )
  })
})
