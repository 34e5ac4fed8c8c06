import * as asyncio from "@effect-asyncio/compat"
import { detach, serve, type ServeOptions, type Service } from "@effect-asyncio/server"
import { requestListener } from "@effect-asyncio/server/node"
import { createServer, type Server } from "node:http"
import { connect, type Socket } from "node:net"
import { assert, describe, it } from "vitest"
import { countInFlight } from "../src/internal/inFlight.ts"
import { ask, hangingUp, portOf, until } from "./frameworks.ts"

/** A service in the process of the test, whose server does what `handle` does. */
const run = async (
  options: ServeOptions,
  handle: () => Promise<string>,
  whenUp: (service: Service, server: Server) => Promise<unknown>,
  behind: () => unknown = () => {}
) => {
  const lines: Array<string> = []
  let seen: unknown
  const report = await serve(
    async (service) => {
      const listener = requestListener(async (_, response) => void response.end(await handle()))
      const server = createServer((request, response) =>
        request.url === "/health" ? service.health(request, response) : listener(request, response)
      )
      await service.listen(server, { port: 0, host: "127.0.0.1" })
      void whenUp(service, server).then(
        (value) => (seen = value),
        (error: unknown) => (seen = error)
      )
      await service.drained()
      await behind()
    },
    { exit: false, log: (line) => lines.push(line), ...options }
  )
  await until(() => seen !== undefined)
  assert.strictEqual(countInFlight(), 0)
  return { report, lines, seen }
}

const status = (response: Promise<Response>) => response.then(({ status }) => status)

describe("serve", () => {
  it("lets requests finish, and takes no more", async () => {
    const gate = new asyncio.Event()
    const order: Array<string> = []
    const handle = async () => {
      await gate.wait()
      order.push("answered")
      return "Ada"
    }
    const { lines, report, seen } = await run(
      {},
      handle,
      async (service, server) => {
        const first = status(ask(server))
        await until(() => countInFlight() === 1)
        service.stop("SIGTERM")
        await until(() => service.state === "draining")
        const refused = await ask(server).then(
          () => "answered",
          () => "refused"
        )
        gate.set()
        return [await first, refused]
      },
      () => order.push("main goes on")
    )

    assert.deepStrictEqual(seen, [200, "refused"])
    assert.deepStrictEqual(order, ["answered", "main goes on"])
    assert.deepStrictEqual(report, { reason: "SIGTERM", exitCode: 0, cut: [], ignoring: [] })
    assert.deepStrictEqual(lines, ["SIGTERM: 1 in flight, for 10 seconds at most"])
  })

  it("cancels what is left after the grace, and answers 503", async () => {
    const kinds: Array<string> = []
    const handle = async () => {
      try {
        return await asyncio.sleep("1 hour", "never")
      } catch (error) {
        kinds.push((error as asyncio.CancelledError).kind)
        await asyncio.sleep(1)
        kinds.push("cleaned up")
        throw error
      }
    }
    const { report, seen } = await run({ grace: 5 }, handle, async (service, server) => {
      const asked = status(ask(server))
      await until(() => countInFlight() === 1)
      service.stop("SIGTERM")
      return await asked
    })

    assert.strictEqual(seen, 503)
    assert.deepStrictEqual(kinds, ["shutdown", "cleaned up"])
    assert.deepStrictEqual(report, { reason: "SIGTERM", exitCode: 143, cut: ["GET /users/7"], ignoring: [] })
  })

  // https://github.com/tarantool/tarantool/issues/12154: a fiber that catches all it is told, and sleeps on.
  it("names what ignores its cancellation, with its stack and what it waits for", async () => {
    const bonds = { free: false }
    const stubborn = async () => {
      while (!bonds.free) await asyncio.sleep("1 hour").catch(() => {})
      return "late"
    }
    const { lines, report } = await run({ grace: 5, cleanup: 20 }, stubborn, async (service, server) => {
      const asked = status(ask(server)).catch(() => "cut")
      await until(() => countInFlight() === 1)
      service.stop("SIGTERM")
      const result = await asked
      await until(() => service.state === "over")
      bonds.free = true
      for (const task of asyncio.findTasks({ method: "GET" })) task.cancel()
      return result
    })

    assert.deepStrictEqual(report.cut, ["GET /users/7"])
    assert.deepStrictEqual(
      report.ignoring.map(({ name, waitingFor }) => [name, waitingFor]),
      [["GET /users/7", "<Future pending cb=[Task.task_wakeup()]>"]]
    )
    assert.strictEqual(report.exitCode, 1)
    assert.match(lines.join("\n"), /GET \/users\/7 does not end, and waits for <Future.*>:\nStack for <Task/)
  })

  it("is in a hurry at the second call", async () => {
    const { report } = await run(
      { grace: "1 hour" },
      () => asyncio.sleep("1 hour", "never"),
      async (service, server) => {
        const asked = status(ask(server))
        await until(() => countInFlight() === 1)
        service.stop("SIGINT")
        await until(() => service.state === "draining")
        service.stop("SIGINT")
        return await asked
      }
    )

    assert.deepStrictEqual([report.cut, report.exitCode], [["GET /users/7"], 130])
  })

  it("says 503 to health checks while it still takes requests, for the delay", async () => {
    const { seen } = await run(
      { delay: 200 },
      async () => "Ada",
      async (service, server) => {
        const health = () =>
          status(fetch(`http://127.0.0.1:${portOf(server)}/health`, { headers: { connection: "close" } }))
        const before = await health()
        service.stop("SIGTERM")
        return [before, await health(), await status(ask(server)), service.state]
      }
    )

    assert.deepStrictEqual(seen, [200, 503, 200, "leaving"])
  })

  it("waits for what a request has detached", async () => {
    const gate = new asyncio.Event()
    const lines: Array<string> = []
    const handle = async () => {
      detach(
        async () => {
          await gate.wait()
          lines.push("audited")
        },
        { name: "audit" }
      )
      return "Ada"
    }
    const { report } = await run({}, handle, async (service, server) => {
      const answer = await status(ask(server))
      service.stop("SIGTERM")
      await until(() => service.state === "draining")
      gate.set()
      return answer
    })

    assert.deepStrictEqual([lines, report.cut], [["audited"], []])
  })

  it("ends connections on which nothing is asked, and does not wait for them", async () => {
    const { report } = await run(
      { grace: "1 hour" },
      async () => "Ada",
      async (service, server) => {
        const silent = connect(portOf(server), "127.0.0.1")
        await new Promise((resolve) => silent.once("connect", resolve))
        const kept = await hangingUp(server)
        await new Promise((resolve) => kept.once("data", resolve))
        const half = await hangingUp(server, "GET /users/7 HTT")
        await until(() => countInFlight() === 0)
        service.stop("SIGTERM")
        // The half of a request that was not read is a reset.
        const endOf = (socket: Socket) =>
          new Promise<unknown>((resolve) => socket.resume().once("end", resolve).once("error", resolve))
        const ended = [silent, kept, half].map(endOf)
        await Promise.all(ended)
        return "closed"
      }
    )

    assert.strictEqual(report.exitCode, 0)
  })

  it("cancels a start that a signal comes into", async () => {
    let state = ""
    const report = await serve(
      async (service) => {
        setTimeout(() => service.stop("SIGTERM"), 1)
        try {
          await asyncio.sleep("1 hour")
        } catch (error) {
          state = (error as asyncio.CancelledError).kind
          throw error
        }
      },
      { exit: false, log: () => {} }
    )

    assert.deepStrictEqual([state, report.cut, report.exitCode], ["shutdown", ["main"], 143])
  })

  it("lets a worker that is ready come to its end", async () => {
    let jobs = 0
    const report = await serve(
      async (service) => {
        service.ready()
        setTimeout(() => service.stop("SIGTERM"), 10)
        while (!service.stopping) {
          jobs++
          await asyncio.sleep(1)
        }
      },
      { exit: false }
    )

    assert.isAbove(jobs, 0)
    assert.deepStrictEqual(report, { reason: "SIGTERM", exitCode: 0, cut: [], ignoring: [] })
  })

  it("ends where nothing listens and main is through, and rejects with what main fails with", async () => {
    const done = await serve(async () => {}, { exit: false })
    const failed = await serve(
      async (service) => {
        await service.listen(createServer(), 0)
        throw new Error("no database")
      },
      { exit: false }
    ).catch(String)

    assert.deepStrictEqual([done.reason, done.exitCode, failed], ["done", 0, "Error: no database"])
  })

  it("is not held up by a finalizer that hangs", async () => {
    const lines: Array<string> = []
    let free = (): void => {}
    const hang = new Promise<void>((resolve) => (free = resolve))
    const report = await serve(
      async (service) => {
        service.ready()
        asyncio.createTask(
          async () => {
            try {
              await asyncio.sleep("1 hour")
            } finally {
              await hang
            }
          },
          { name: "hangs" }
        )
        await asyncio.sleep(1)
        service.stop("SIGTERM")
        await service.drained()
      },
      { exit: false, cleanup: 20, log: (line) => lines.push(line) }
    )

    assert.deepStrictEqual(
      report.ignoring.map(({ name }) => name),
      ["hangs"]
    )
    assert.strictEqual(report.exitCode, 1)
    assert.match(lines.join("\n"), /^hangs does not end/m)
    free()
  })
})
