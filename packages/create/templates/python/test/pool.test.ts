import { readFileSync } from "node:fs"
import * as asyncio from "@effect-asyncio/compat"
import { makeVirtualTimeLoop } from "@effect-asyncio/compat/testing"
import { expect, test } from "vitest"
import { pool } from "../src/pool.ts"

/** On a loop whose time jumps to whatever is due next: an hour takes no time. */
const run = <A>(main: () => Promise<A>): Promise<A> => asyncio.run(main, { loopFactory: makeVirtualTimeLoop })

test("prints what the program in Python prints", async () => {
  // python3 python/pool.py > python/expected.txt
  const expected = readFileSync(new URL("../python/expected.txt", import.meta.url), "utf8")

  const lines = await run(() => pool([3, 1, 2, 1]))

  expect(`${lines.join("\n")}\n`).toBe(expected)
})

test("stops the workers that have nothing to do", async () => {
  const lines = await run(() => pool([1], 3))

  expect(lines).toEqual(["worker-0 did 1", "worker-0 stops", "worker-1 stops", "worker-2 stops"])
})
