import { assert, describe, it } from "vitest"
import { until } from "./frameworks.ts"
import { freePort } from "../../tools/servers/ports.ts"
import { start } from "./programs.ts"
import { stopUnderLoad, stopWhenever } from "./underLoad.ts"

const status = (port: number) =>
  fetch(`http://127.0.0.1:${port}/users/7`).then(
    ({ status }) => status,
    () => "cut"
  )

describe.concurrent("a service in a process", () => {
  it("ends with 0 at SIGTERM", async () => {
    const program = start("service")
    assert.strictEqual(await status(await program.port), 200)

    program.kill("SIGTERM")

    assert.strictEqual(await program.ended, 0)
    assert.match(program.output(), /answered 1\nover\n$/)
  })

  it("ends with 143 where a request was cancelled, and with 130 after Ctrl-C", async () => {
    for (const [signal, code] of [
      ["SIGTERM", 143],
      ["SIGINT", 130]
    ] as const) {
      const program = start("service", ["slow"])
      const asked = status(await program.port)
      await until(() => program.output().includes("handling"))

      program.kill(signal)

      assert.deepStrictEqual([await asked, await program.ended], [503, code])
      assert.include(program.output(), `${signal}: cancels GET /users/7\n`)
    }
  })

  it("names a request that ignores its cancellation, and one that hangs on a promise, and ends with 1", async () => {
    for (const [kind, waits] of [
      ["stubborn", "waits for <Future"],
      ["stuck", "waits for nothing that can be cancelled"]
    ] as const) {
      const program = start("service", [kind])
      void status(await program.port)
      await until(() => program.output().includes("handling"))

      program.kill("SIGTERM")

      assert.strictEqual(await program.ended, 1)
      assert.include(program.output(), `GET /users/7 does not end, and ${waits}`)
      assert.include(program.output(), "Stack for <Task cancelling name='GET /users/7'")
    }
  })

  it("ends at once at the third signal", async () => {
    const program = start("service", ["stubborn"])
    void status(await program.port)
    await until(() => program.output().includes("handling"))

    program.kill("SIGTERM")
    await until(() => program.output().includes("1 in flight"))
    program.kill("SIGTERM")
    await until(() => program.output().includes("cancels GET"))
    program.kill("SIGTERM")

    assert.strictEqual(await program.ended, 143)
    assert.include(program.output(), "SIGTERM: ends at once, without GET /users/7")
  })

  it("has the processes of a cluster end, and a thread", async () => {
    const port = String(await freePort())
    // Those of the page "Shutting down".
    const examples = "../../../docs/examples/shutdown"
    for (const program of [start(`${examples}/cluster.ts`, [], { PORT: port }), start(`${examples}/thread.ts`)]) {
      const asked = status(await program.port)
      await until(() => program.output().includes("handling"))

      program.kill("SIGTERM")

      assert.deepStrictEqual([await asked, await program.ended], [200, 0])
      assert.match(program.output(), /(worker|thread) 0\n/)
      assert.notInclude(program.output(), "does not end by itself")
    }
  })

  it("answers or names each request that it has accepted, when it is stopped under load", async () => {
    assert.deepStrictEqual(await stopUnderLoad(2), [])
  })

  it("ends whenever it is stopped: as it starts, as it ends", async () => {
    assert.deepStrictEqual(await stopWhenever(6), [])
  })
})
