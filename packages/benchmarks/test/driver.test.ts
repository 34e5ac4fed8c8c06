import { assert, describe, it } from "vitest"
import { PeerProcess } from "../src/driver.ts"

const setting = { tasks: 1, limit: 1, depth: 1 }
const request = { program: "sleepZero", n: 1, setting, times: 1 } as const

/** A process that answers every line as `body` says. */
const answering = (body: string) =>
  new PeerProcess("peer", {
    file: process.execPath,
    args: ["-e", `require("readline").createInterface(process.stdin).on("line", (line) => { ${body} })`]
  })

describe("a peer's process", () => {
  it("answers one request after the other", async () => {
    await using peer = answering(`console.log(JSON.stringify({ nanos: JSON.parse(line).n, peakBytes: null }))`)

    const answers = [await peer.perform(request), await peer.perform({ ...request, n: 2 })]

    assert.deepStrictEqual(
      answers.map(({ nanos }) => nanos),
      [1, 2]
    )
  })

  it("passes an error on", async () => {
    await using peer = answering(`console.log('{"error":"RecursionError: too deep"}')`)

    const error = await peer.perform(request).catch((error: unknown) => error)

    assert.strictEqual((error as Error).message, "RecursionError: too deep")
  })

  it("says that it ended, instead of never answering", async () => {
    await using peer = answering("process.exit(3)")

    const errors = [
      await peer.perform(request).catch((error: unknown) => error),
      await peer.perform(request).catch((error: unknown) => error)
    ]

    assert.deepStrictEqual(
      errors.map((error) => (error as Error).message),
      ["the process ended: exit code 3", "the process ended: exit code 3"]
    )
  })
})
