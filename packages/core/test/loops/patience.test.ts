import { assert, afterEach, describe, it, vi } from "@effect/vitest"
import { Exit } from "effect"
import { Patience } from "../../src/internal/run/patience.ts"

afterEach(() => {
  vi.useRealTimers()
})

/** What of a task it looks at. */
const taskThat = (hangs: boolean) => ({
  exit: undefined as Exit.Exit<unknown> | undefined,
  root: { pendingCancellation: () => "due", isWaiting: () => !hangs },
  getStack: () => [],
  toString: () => "<Task>"
})

const watching = (grace: number | undefined, tasks: ReadonlyArray<ReturnType<typeof taskThat>>) => {
  vi.useFakeTimers()
  const lines: Array<string> = []
  const loop = {
    unregister: () => lines.push("given up"),
    callExceptionHandlerUnsafe: () => {},
    stopUnsafe: () => lines.push("stopped")
  }
  const stop = new Patience(loop as never, grace).watch(tasks as never)
  return { lines, stop }
}

describe("what a program that was asked to end is waited for", () => {
  it("is not waited for once it is done", () => {
    const task = taskThat(true)
    const { lines } = watching(undefined, [task])
    task.exit = Exit.void

    vi.advanceTimersByTime(20_000)

    assert.deepStrictEqual([lines, vi.getTimerCount()], [[], 0])
  })

  it("is looked at again as long as it does something", () => {
    const task = taskThat(false)
    const { lines } = watching(undefined, [task])
    vi.advanceTimersByTime(12_000)
    const before = [...lines]
    task.root.isWaiting = () => false

    vi.advanceTimersByTime(5000)

    assert.deepStrictEqual([before, lines], [[], ["given up", "stopped"]])
  })

  it("is waited for without an end where the grace has none", () => {
    watching(Infinity, [taskThat(true)])

    assert.strictEqual(vi.getTimerCount(), 0)
  })

  it("is not looked at any more when that is over", () => {
    const { lines, stop } = watching(10, [taskThat(true)])
    stop()

    vi.advanceTimersByTime(20)

    assert.deepStrictEqual(lines, [])
  })
})
