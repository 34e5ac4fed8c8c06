// Servers over standard input and output, with whatever can be written there.
import { assert, describe, it } from "vitest"
import { startRaw } from "./stdio.ts"
import { until } from "./support.ts"

for (const server of ["sdkStdio", "effectStdio"]) {
  describe(`a server over stdio, ${server}`, () => {
    it("answers a call that is cancelled, when it is done", async () => {
      const { answer, call, cancel, end } = await startRaw(server)
      call("mine", "hang")
      cancel("mine", "enough")

      const { error } = await answer("mine")

      assert.deepEqual(error, {
        code: -32800,
        message: "hang was cancelled: enough",
        data: { "effect-asyncio/stop": { kind: "requested", reason: "enough" } }
      })
      await end()
    })

    it("goes on after cancellations that come twice, too late and for nothing", async () => {
      const { answer, answers, call, cancel, end } = await startRaw(server)
      call(1, "hang")
      cancel(1)
      cancel(1, "again")
      await answer(1)
      cancel(1, "too late")
      for (const nothing of ["1", 7, {}, null, "unknown"]) cancel(nothing)
      call(2, "who")

      const { result } = await answer(2)

      assert.include(JSON.stringify(result), "who")
      assert.strictEqual(answers.filter(({ id }) => id === 1).length, 1)
      await end()
    })

    it("goes on after what is no JSON-RPC, and keeps the calls that run", async () => {
      const { answer, call, cancel, end, write } = await startRaw(server)
      call("mine", "hang")
      for (const line of ["{", "no JSON", "", "null", "7", '"text"', "[]", "{}", '{"jsonrpc":"2.0"}'])
        write(`${line}\n`)
      write(new Uint8Array([0xff, 0xfe, 0x00, 0x0a, 0xc3, 0x28, 0x0a]))
      write('{"jsonrpc":"2.0","id":{},"method":7}\n{"jsonrpc":"2.0","id":"x","method":"tools/call","params":7}\n')
      call("other", "who")

      const { result } = await answer("other")
      cancel("mine", "enough")

      assert.include(JSON.stringify(result), "who")
      assert.strictEqual((await answer("mine")).error?.data["effect-asyncio/stop"].reason, "enough")
      await end()
    })

    it("has 1,000 calls that are cancelled one by one, each for its own reason", async () => {
      const { answers, call, cancel, end } = await startRaw(server)
      for (let id = 1; id <= 1000; id++) call(id, "hang")
      for (let id = 1; id <= 1000; id++) cancel(id, `reason ${id}`)

      await until(() => answers.length === 1001)
      for (const { error, id } of answers.slice(1)) {
        assert.strictEqual(error?.message, `hang was cancelled: reason ${id}`)
      }
      await end()
    })

    it("cancels what runs when its client is gone", async () => {
      const { answer, call, end } = await startRaw(server)
      call(1, "hang")
      call(2, "who")
      await answer(2)

      assert.deepEqual(await end(), [{ kind: "disconnect", reason: "the client is gone" }])
    })
  })
}
