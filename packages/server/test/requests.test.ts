import * as asyncio from "@effect-asyncio/compat"
import type { CancelledRequest } from "@effect-asyncio/server"
import { afterEach, assert, describe, it } from "vitest"
import { countInFlight } from "../src/internal/inFlight.ts"
import { ask, frameworks, hangingUp, until } from "./frameworks.ts"

const hour = () => asyncio.sleep("1 hour", "never")

/** The tasks of requests that are not done. */
const requests = () => asyncio.findTasks({ method: "GET" })

const connections = (server: import("node:http").Server) =>
  new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)))

for (const { name, route, start } of frameworks) {
  describe(name, () => {
    afterEach(() => {
      assert.strictEqual(countInFlight(), 0, "nothing is in flight")
      assert.deepStrictEqual(requests(), [])
    })

    it("runs a request in a task that is named by its method and route", async () => {
      let seen: unknown
      const { close, server } = await start(async (id) => {
        await asyncio.sleep(1)
        const task = asyncio.currentTask()!
        const { id: label, ...labels } = task.labels
        seen = {
          id,
          name: task.getName(),
          labels,
          hasLabel: label !== undefined,
          aborted: asyncio.currentSignal().aborted
        }
        return "Ada"
      })

      const response = await ask(server)

      assert.strictEqual(await response.text(), "Ada")
      assert.deepStrictEqual(seen, {
        id: "7",
        name: `GET ${route}`,
        labels: { method: "GET", route },
        hasLabel: true,
        aborted: false
      })
      await close()
      await until(() => countInFlight() === 0)
    })

    it("has 1,000 requests whose clients hang up cancelled, and keeps nothing of them", async () => {
      const seen = new Map<string, number>()
      let begun = 0
      const cancelled: Array<CancelledRequest> = []
      const { close, errors, server } = await start(
        async () => {
          begun++
          try {
            return await hour()
          } catch (error) {
            const kind = (error as asyncio.CancelledError).kind
            seen.set(kind, (seen.get(kind) ?? 0) + 1)
            throw error
          }
        },
        { onCancelled: (request) => cancelled.push(request) }
      )
      for (let round = 1; round <= 5; round++) {
        const clients = await Promise.all(Array.from({ length: 200 }, () => hangingUp(server)))
        await until(() => begun === 200 * round)
        for (const client of clients) client.destroy()
        await until(() => cancelled.length === 200 * round)
      }

      assert.deepStrictEqual([...seen], [["disconnect", 1000]])
      assert.deepStrictEqual(
        new Set(cancelled.map(({ name, status }) => `${name} ${status}`)),
        new Set([`GET ${route} 499`])
      )
      assert.deepStrictEqual(errors, [])
      assert.deepStrictEqual(requests(), [])
      await until(() => countInFlight() === 0)
      assert.strictEqual(await connections(server), 0)
      await close()
    })

    it("answers 503 when the time is up, or 504 where that is asked for", async () => {
      const kinds: Array<string> = []
      const handle = () =>
        hour().catch((error: asyncio.CancelledError) => {
          kinds.push(error.kind)
          throw error
        })
      const own = await start(handle, { timeout: 5 })
      const asked = await start(handle, { timeout: "1 hour", timeoutHeader: "x-deadline", timeoutStatus: 504 })

      const answers = [await ask(own.server), await ask(asked.server, { "X-Deadline": "5" })]

      assert.deepStrictEqual(
        answers.map(({ status }) => status),
        [503, 504]
      )
      assert.deepStrictEqual(kinds, ["timeout", "timeout"])
      assert.deepStrictEqual([...own.errors, ...asked.errors], [])
      await Promise.all([own.close(), asked.close()])
      await until(() => countInFlight() === 0)
    })

    it("answers without a handler that takes no notice", async () => {
      let free = (_answer: string): void => {}
      const stuck = new Promise<string>((resolve) => (free = resolve))
      const { close, server } = await start(() => stuck, { timeout: 5, patience: 5 })

      const { status } = await ask(server)

      assert.strictEqual(status, 503)
      assert.strictEqual(requests().length, 1, "the handler is still there, and can be seen")
      free("too late")
      await close()
      await until(() => countInFlight() === 0)
    })

    it("answers 503 when too many wait, and handles the others one after the other", async () => {
      const gate = new asyncio.Event()
      let most = 0
      let now = 0
      const { close, server } = await start(
        async () => {
          most = Math.max(most, ++now)
          await gate.wait()
          now--
          return "Ada"
        },
        { concurrency: 1, queue: 1, retryAfter: "3 seconds" }
      )
      const first = ask(server)
      await until(() => now === 1)
      const second = ask(server)
      await until(() => countInFlight() === 2)
      const third = await ask(server)
      gate.set()

      assert.deepStrictEqual([third.status, third.headers.get("retry-after")], [503, "3"])
      assert.deepStrictEqual([(await first).status, (await second).status, most], [200, 200, 1])
      await close()
      await until(() => countInFlight() === 0)
    })

    it("forgets a client that hangs up while it waits for a place", async () => {
      const gate = new asyncio.Event()
      let handled = 0
      const { close, server } = await start(
        async () => {
          handled++
          await gate.wait()
          return "Ada"
        },
        { concurrency: 1 }
      )
      const first = ask(server)
      await until(() => handled === 1)
      const second = await hangingUp(server)
      await until(() => countInFlight() === 2)
      second.destroy()
      await until(() => countInFlight() === 1)
      gate.set()

      assert.strictEqual((await first).status, 200)
      assert.strictEqual(handled, 1)
      await close()
      await until(() => countInFlight() === 0)
    })

    it("leaves what a handler fails with to the framework", async () => {
      const failing = await start(async () => {
        await asyncio.sleep(1)
        throw new Error("no such user")
      })
      const throwing = await start((() => {
        throw new Error("at once")
      }) as never)

      const answers = [await ask(failing.server), await ask(throwing.server)]

      assert.deepStrictEqual(
        answers.map(({ status }) => status),
        [500, 500]
      )
      assert.match(failing.errors.join(), /no such user/)
      assert.match(throwing.errors.join(), /at once/)
      await Promise.all([failing.close(), throwing.close()])
      await until(() => countInFlight() === 0)
    })

    it("answers 503 where somebody cancels the task of a request", async () => {
      const { close, errors, server } = await start(hour)
      const asked = ask(server)
      await until(() => requests().length === 1)

      requests()[0]!.cancel("stopped by hand")

      assert.strictEqual((await asked).status, 503)
      assert.deepStrictEqual(errors, [])
      await close()
      await until(() => countInFlight() === 0)
    })

    it("counts a stream until it is over, and ends it when its client hangs up", async () => {
      const gate = new asyncio.Event()
      let closed = 0
      async function* pieces() {
        try {
          yield "first "
          await gate.wait()
          yield "second"
        } finally {
          closed++
        }
      }
      const { close, server } = await start(async () => pieces())
      const whole = await ask(server)
      const client = await hangingUp(server)
      await new Promise((resolve) => client.once("data", resolve))
      assert.strictEqual(countInFlight(), 2)

      client.destroy()
      await until(() => countInFlight() === 1)
      gate.set()

      assert.strictEqual(await whole.text(), "first second")
      await until(() => countInFlight() === 0 && closed >= 1)
      await close()
    })

    it("goes on for a client that only closes its own side, where the server allows that", async () => {
      const gate = new asyncio.Event()
      const { close, server } = await start(async () => {
        await gate.wait()
        return "Ada"
      })
      Object.assign(server, { httpAllowHalfOpen: true })
      const client = await hangingUp(server, "GET /users/7 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
      client.end()
      await until(() => requests().length === 1)
      let text = ""
      client.on("data", (data) => (text += String(data)))
      const ended = new Promise((resolve) => client.once("close", resolve))

      gate.set()

      await ended
      assert.match(text, /200 OK[^]*Ada/)
      await close()
      await until(() => countInFlight() === 0)
    })

    it("has a request cancelled whose client hangs up in the middle of its body", async () => {
      const kinds: Array<string> = []
      const { close, errors, server } = await start(hour, { onCancelled: ({ error }) => kinds.push(error.kind) })
      const head = "GET /users/7 HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"
      const client = await hangingUp(server, `${head}half of it`)
      await until(() => requests().length === 1)

      client.destroy()

      await until(() => kinds.length === 1)
      assert.deepStrictEqual([kinds, errors], [["disconnect"], []])
      await close()
      await until(() => countInFlight() === 0)
    })
  })
}
