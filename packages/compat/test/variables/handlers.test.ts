// In whose name the handlers of node's own servers and emitters run. The docs' table "Whose task a handler runs in" says the same.
import * as asyncio from "@effect-asyncio/compat"
import { EventEmitter, once } from "node:events"
import http from "node:http"
import http2 from "node:http2"
import net, { type AddressInfo } from "node:net"
import { assert, describe, it } from "vitest"
import { deferred } from "../support.ts"

const run = <A>(main: asyncio.AsyncFunction<A>) => asyncio.run(main, { handleSigint: false, name: "main" })
const name = () => asyncio.currentTask()?.getName() ?? "none"
const named = <A>(task: string, body: () => Promise<A>) => asyncio.createTask(body, { name: task })

/** Lets `server` listen on a free port, in the task that calls. */
const listen = async (server: net.Server): Promise<number> => {
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return (server.address() as AddressInfo).port
}

const close = (server: net.Server): Promise<unknown> => new Promise((resolve) => server.close(resolve))

/** Calls `f` in no task: a client of another process would be in none either. */
const fromOutside = (() => {
  const pending: Array<() => void> = []
  setInterval(() => {
    for (const f of pending.splice(0)) f()
  }, 1).unref()
  return (f: () => void): void => void pending.push(f)
})()

describe("a handler runs", () => {
  it("of an emitter in the task that emits", () =>
    run(async () => {
      const emitter = new EventEmitter()
      const seen: Array<string> = []
      await named("registers", async () => void emitter.on("event", () => seen.push(name())))
      await named("emits", async () => void emitter.emit("event"))

      assert.deepStrictEqual(seen, ["emits"])
    }))

  it("of a timer in the task that set it", () =>
    run(async () => {
      const seen = await named(
        "sets",
        () => new Promise<string>((resolve) => void setTimeout(() => resolve(name()), 1))
      )

      assert.strictEqual(seen, "sets")
    }))

  it("of a net server in the task that listens, and of its sockets in none", async () => {
    const seen: Record<string, string> = {}
    await run(async () => {
      const over = deferred()
      const server = net.createServer((socket) => {
        seen["connection"] = name()
        socket.on("data", () => {
          seen["data"] = name()
          socket.end("bye")
        })
        socket.on("close", () => {
          seen["close"] = name()
          over.resolve()
        })
      })
      const port = await named("listens", () => listen(server))
      fromOutside(() => {
        const client = net.connect(port, "127.0.0.1", () => client.write("hello"))
        client.on("data", () => client.end())
      })
      await over.promise
      await close(server)
    })

    assert.deepStrictEqual(seen, { connection: "listens", data: "none", close: "none" })
  })

  it("of an http server in the task that listens", async () => {
    const seen: Record<string, string> = {}
    await run(async () => {
      const over = deferred()
      const server = http.createServer((request, response) => {
        seen["request"] = name()
        request.on("data", () => (seen["data"] = name()))
        request.on("end", () => {
          seen["end"] = name()
          response.end("bye")
        })
        response.on("close", () => {
          seen["close"] = name()
          over.resolve()
        })
      })
      const port = await named("listens", () => listen(server))
      fromOutside(() => {
        http.request({ port, method: "POST", agent: false }, (response) => response.resume()).end("hello")
      })
      await over.promise
      await close(server)
    })

    assert.deepStrictEqual(seen, { request: "listens", data: "listens", end: "listens", close: "listens" })
  })

  it("of a response whose client hangs up in none", async () => {
    const seen: Record<string, string> = {}
    await run(async () => {
      const over = deferred()
      const server = http.createServer((_, response) => {
        seen["request"] = name()
        response.on("close", () => {
          seen["close"] = name()
          over.resolve()
        })
        response.write("begins")
      })
      const port = await named("listens", () => listen(server))
      fromOutside(() => {
        const request = http.request({ port, agent: false }, () => request.destroy())
        request.on("error", () => {}).end()
      })
      await over.promise
      await close(server)
    })

    assert.deepStrictEqual(seen, { request: "listens", close: "none" })
  })

  it("of an http2 server in the task that listens, and of its streams in none", async () => {
    const seen: Record<string, string> = {}
    await run(async () => {
      const over = deferred()
      const server = http2.createServer()
      server.on("session", () => (seen["session"] = name()))
      server.on("stream", (stream) => {
        seen["stream"] = name()
        stream.on("data", () => (seen["data"] = name()))
        stream.on("end", () => (seen["end"] = name()))
        stream.on("close", () => {
          seen["close"] = name()
          over.resolve()
        })
        stream.respond({ ":status": 200 })
        stream.end("bye")
      })
      const port = await named("listens", () => listen(server))
      const ended = deferred()
      fromOutside(() => {
        const session = http2.connect(`http://127.0.0.1:${port}`)
        const stream = session.request({ ":method": "POST" })
        stream.resume()
        stream.on("close", () => session.close(() => ended.resolve()))
        stream.end("hello")
      })
      await Promise.all([over.promise, ended.promise])
      await close(server)
    })

    assert.deepStrictEqual(seen, { session: "listens", stream: "listens", data: "none", end: "none", close: "none" })
  })

  it("in none hands on what it was given, and makes tasks of a group", async () => {
    const lines: Array<unknown> = []
    await run(() =>
      asyncio.taskGroup(async (group) => {
        const loop = asyncio.getRunningLoop()
        const received = new asyncio.Queue<string>()
        const server = net.createServer((socket) => {
          socket.on("data", (data) => {
            lines.push(name())
            received.putNowait(String(data))
            group.createTask(
              async () => {
                lines.push(name(), asyncio.getRunningLoop() === loop)
                await asyncio.sleep(1)
                socket.end("bye")
              },
              { name: "answers" }
            )
          })
        })
        const port = await listen(server)
        fromOutside(() => {
          const client = net.connect(port, "127.0.0.1", () => client.write("hello"))
          client.resume()
        })
        lines.push(await received.get())
        await close(server)
      })
    )

    assert.deepStrictEqual(lines, ["none", "hello", "answers", true])
  })

  it("that is bound in the task that bound it, also where the host would call it in none", async () => {
    const seen: Array<string> = []
    await run(async () => {
      const over = deferred()
      const server = net.createServer((socket) => {
        socket.on(
          "close",
          asyncio.bind(() => {
            seen.push(name())
            over.resolve()
          })
        )
        socket.end("bye")
      })
      const port = await named("listens", () => listen(server))
      fromOutside(() => net.connect(port, "127.0.0.1").resume())
      await over.promise
      await close(server)
    })

    assert.deepStrictEqual(seen, ["listens"])
  })
})
