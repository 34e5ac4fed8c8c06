// The lines of the dashboard's page and of `top`, which come to an end and are there again.
import { afterEach, assert, beforeEach, describe, it, vi } from "vitest"
import type { Talk } from "../../src/client/talking.ts"
import { Line as TopLine } from "../../src/commands/top.ts"
import type { Hearing, Source } from "../../src/dashboard/source.ts"
import type { LivePiece } from "../../src/protocol.ts"
import { hello } from "../support.ts"

const whole: LivePiece = {
  whole: true,
  loops: [
    {
      loop: 0,
      time: 0,
      state: "running",
      ready: 0,
      timers: 0,
      tasks: 0,
      over: 1,
      busy: 0,
      steps: 0,
      started: 0,
      finished: 0,
      failed: 0,
      cancelled: 0,
      asked: 0,
      lag: 0
    }
  ]
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal("window", globalThis)
})

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

describe("the line of the page", () => {
  const open = async () => {
    // Not known to the types of Node.js, which have no page.
    const { Line } = await import(new URL("../../page/line.ts", import.meta.url).href)
    const lines: Array<Hearing & { isClosed: boolean }> = []
    const source = {
      live: (_pid: unknown, hearing: Hearing) => {
        const given = { ...hearing, isClosed: false }
        lines.push(given)
        return () => void (given.isClosed = true)
      }
    } as unknown as Source
    return { line: new Line("4711:1", source, () => {}), lines }
  }

  it("is opened again when it was over, and says why until then", async () => {
    const { line, lines } = await open()
    lines[0]!.piece(whole)
    lines[0]!.over("the database does not answer")
    const said = [line.over]
    await vi.advanceTimersByTimeAsync(2000)
    lines[1]!.over("there is no process 4711")
    said.push(line.over)
    await vi.advanceTimersByTimeAsync(2000)
    lines[2]!.piece(whole)

    assert.deepStrictEqual(said, ["the database does not answer", "the database does not answer"])
    assert.deepStrictEqual([line.over, line.picture.isComplete, lines.length], [undefined, true, 3])
    line.close()
  })

  it("is not opened again when nobody looks any more", async () => {
    const { line, lines } = await open()
    lines[0]!.over("the database does not answer")
    line.close()
    await vi.advanceTimersByTimeAsync(10_000)

    assert.strictEqual(lines.length, 1)
  })
})

describe("the line of top", () => {
  /** Who tells one piece, and then fails, or goes on for ever. */
  const talk = (why: string | undefined, closed: Array<string>): Talk => ({
    enough: () => {},
    hello,
    ask: async () => undefined as never,
    close: () => void closed.push(why ?? "the last"),
    async *request() {
      yield whole
      if (why !== undefined) throw new Error(why)
      await new Promise(() => {})
    }
  })

  it("is opened again when it was over, and says why until then", async () => {
    const closed: Array<string> = []
    const talks = [talk("the database does not answer", closed), undefined, talk(undefined, closed)]
    const line = new TopLine("jobs", talks.shift()!, async () => {
      const next = talks.shift()
      if (next === undefined) throw new Error("there is no process 4711")
      return next
    })
    await vi.advanceTimersByTimeAsync(0)
    const said = [line.over]
    await vi.advanceTimersByTimeAsync(2000)
    said.push(line.over)
    await vi.advanceTimersByTimeAsync(2000)
    said.push(line.over)
    line.close()
    await vi.advanceTimersByTimeAsync(10_000)

    assert.deepStrictEqual(said, ["the database does not answer", "the database does not answer", undefined])
    assert.deepStrictEqual([talks.length, closed], [0, ["the database does not answer", "the last"]])
  })

  it("is not opened again when nobody looks any more", async () => {
    const closed: Array<string> = []
    let tries = 0
    const line = new TopLine("jobs", talk("the database does not answer", closed), async () => {
      tries++
      throw new Error("there is no process 4711")
    })
    await vi.advanceTimersByTimeAsync(0)
    line.close()
    await vi.advanceTimersByTimeAsync(10_000)

    assert.strictEqual(tries, 0)
  })
})
