import { assert, describe, it } from "vitest"
import { type AnyWorker, longestRun, makeRunner } from "../../playground/runner.ts"
import type { Answer, Request } from "../../playground/worker.ts"
import type { Trace } from "../../../packages/testing/src/timeline/trace.ts"

const trace: Trace = { tasks: [], steps: [], end: { kind: "returned", text: "" } }

class FakeWorker implements AnyWorker {
  readonly #listeners: Array<{ readonly type: string; readonly listener: (event: never) => void }> = []
  readonly requests: Array<Request> = []
  terminated = false

  postMessage(request: Request): void {
    this.requests.push(request)
  }
  terminate(): void {
    this.terminated = true
  }
  addEventListener(type: string, listener: (event: never) => void): void {
    this.#listeners.push({ type, listener })
  }
  dispatch(type: string, event: object): void {
    for (const each of this.#listeners) if (each.type === type) each.listener(event as never)
  }
  answer(data: Answer): void {
    this.dispatch("message", { data })
  }
  print(text: string): void {
    this.answer({ type: "printed", line: { level: "log", text } })
  }
}

const macrotask = () => new Promise<void>((resolve) => setImmediate(resolve))

const start = () => {
  const workers: Array<FakeWorker> = []
  const timers: Array<{ readonly callback: () => void; readonly millis: number; cleared: boolean }> = []
  const runner = makeRunner({
    spawn: () => {
      const worker = new FakeWorker()
      workers.push(worker)
      return worker
    },
    later: (callback, millis) => {
      const timer = { callback, millis, cleared: false }
      timers.push(timer)
      return () => (timer.cleared = true)
    }
  })
  return { runner, workers, timers }
}

const begin = async () => {
  const { runner, timers, workers } = start()
  const lines: Array<string> = []
  const result = runner.run("program", { onLine: ({ text }) => void lines.push(text) })
  workers[0]!.answer({ type: "ready" })
  await macrotask()
  return { runner, timers, workers, lines, result }
}

describe("running programs in workers", () => {
  it("gives a worker one program, and loads the next meanwhile", async () => {
    const { lines, result, runner, workers } = await begin()
    workers[0]!.print("a")
    workers[0]!.answer({ type: "ended", trace })

    assert.deepStrictEqual(await result, { trace })
    assert.deepStrictEqual(workers[0]!.requests, [{ source: "program", cancel: undefined }])
    assert.strictEqual(workers.length, 2)
    void runner.run("second")
    workers[1]!.answer({ type: "ready" })
    await macrotask()
    assert.deepStrictEqual(workers[1]!.requests, [{ source: "second", cancel: undefined }])
    assert.deepStrictEqual(lines, ["a"])
  })

  it("prints what comes behind the end, until the next run", async () => {
    const { lines, result, runner, workers } = await begin()
    workers[0]!.answer({ type: "ended", trace })
    await result
    workers[0]!.print("late")

    assert.deepStrictEqual(lines, ["late"])
    assert.isFalse(workers[0]!.terminated)
    void runner.run("second")
    assert.isTrue(workers[0]!.terminated)
  })

  it("stops a program by ending its worker", async () => {
    const { result, runner, workers } = await begin()
    runner.stop()

    assert.deepStrictEqual(await result, { stopped: "you stopped it" })
    assert.isTrue(workers[0]!.terminated)
    assert.strictEqual(workers.length, 2)
  })

  it("stops a program that does not end", async () => {
    const { result, timers } = await begin()
    assert.strictEqual(timers[0]!.millis, longestRun)
    timers[0]!.callback()

    assert.deepStrictEqual(await result, { stopped: "it ran for more than 10 seconds" })
  })

  it("stops a run when another begins, also one that is still loading", async () => {
    const { runner, workers } = start()
    const first = runner.run("first")
    const second = runner.run("second")

    assert.deepStrictEqual(await first, { stopped: "another run was begun" })
    workers[0]!.answer({ type: "ready" })
    workers[1]!.answer({ type: "ready" })
    await macrotask()
    assert.deepStrictEqual(
      workers.flatMap(({ requests }) => requests.map(({ source }) => source)),
      ["second"]
    )
    workers[1]!.answer({ type: "ended", trace })
    assert.deepStrictEqual(await second, { trace })
  })

  it("says so where a worker cannot be loaded, and tries again", async () => {
    const { runner, workers } = start()
    const result = runner.run("program")
    workers[0]!.dispatch("error", { message: "no network" })

    assert.deepStrictEqual(await result, { stopped: "no network" })
    const again = runner.run("program")
    workers[1]!.answer({ type: "ready" })
    await macrotask()
    workers[1]!.answer({ type: "ended", trace })
    assert.deepStrictEqual(await again, { trace })
  })

  it("leaves no worker behind", async () => {
    const { runner, workers } = await begin()
    runner.close()

    assert.isTrue(workers.every(({ terminated }) => terminated))
  })
})
