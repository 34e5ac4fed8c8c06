// Hono on the host that runs this, with the built package: what becomes of requests whose clients hang up, as the table of the page "Servers" has it.
// `npm run dev -- smoke` runs it on every runtime. Plain JavaScript, because Node.js 20 runs no TypeScript. Prints one line or throws.
import * as asyncio from "@effect-asyncio/compat"
import { RequestTasks } from "@effect-asyncio/server"
import { requestTasks } from "@effect-asyncio/server/hono"
import { Hono } from "hono"
import { streamSSE } from "hono/streaming"
import assert from "node:assert/strict"
import { once } from "node:events"
import { connect } from "node:net"

const seen = {}
const note = (what, value) => (seen[what] ??= value)

const tasks = new RequestTasks({
  timeoutHeader: "x-deadline",
  onCancelled: ({ error, labels, status }) => note(labels.route, `${status} ${error.kind}`)
})
const task = requestTasks(tasks)
const app = new Hono()
const begun = new Map(["/slow", "/body", "/stream"].map((path) => [path, new asyncio.Event()]))
const began = (path) => begun.get(path).set()

app.get(
  "/name",
  task(async (context) => context.text(asyncio.currentTask().getName()))
)
app.get(
  "/slow",
  task(async (context) => {
    began("/slow")
    return context.text(await asyncio.sleep("1 hour", "never"))
  })
)
app.post(
  "/body",
  task(async (context) => {
    began("/body")
    return context.text(await context.req.text())
  })
)
app.get(
  "/stream",
  task(async (context) =>
    streamSSE(context, async (stream) => {
      stream.onAbort(() => note("/stream", "ended"))
      began("/stream")
      for (let n = 0; !stream.aborted; n++) {
        await stream.writeSSE({ data: String(n) })
        await stream.sleep(5)
      }
      note("/stream", "ended")
    })
  )
)
app.onError((error, context) => error.getResponse?.() ?? context.text("failed", 500))

const listen = async () => {
  if (globalThis.Bun !== undefined) {
    const server = Bun.serve({ port: 0, hostname: "127.0.0.1", idleTimeout: 0, fetch: app.fetch })
    return { host: "Bun.serve", port: server.port, close: () => server.stop(true) }
  }
  if (globalThis.Deno !== undefined) {
    const aborts = new AbortController()
    const server = Deno.serve({ port: 0, hostname: "127.0.0.1", signal: aborts.signal, onListen() {} }, app.fetch)
    return { host: "Deno.serve", port: server.addr.port, close: () => aborts.abort() }
  }
  const { serve } = await import("@hono/node-server")
  const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" })
  await once(server, "listening")
  return { host: "@hono/node-server", port: server.address().port, close: () => server.close() }
}

const { close, host, port } = await listen()

const hangUp = async (path, request) => {
  const socket = connect({ port, host: "127.0.0.1" })
  socket.on("error", () => {})
  await once(socket, "connect")
  socket.write(request)
  await Promise.race([begun.get(path).wait(), asyncio.sleep("5 seconds")])
  await asyncio.sleep(50)
  socket.destroy()
  for (let n = 0; n < 400 && seen[path] === undefined; n++) await asyncio.sleep(5)
}

const url = `http://127.0.0.1:${port}`
const name = await (await fetch(`${url}/name`)).text()
const late = await fetch(`${url}/slow`, { headers: { "x-deadline": "20" } })
const timeout = `${late.status} ${seen["/slow"]}`
delete seen["/slow"]
await hangUp("/slow", "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
await hangUp("/body", "POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf of it")
await hangUp("/stream", "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
for (let n = 0; n < 200 && tasks.size > 0; n++) await asyncio.sleep(5)

// On Deno reading the body fails before the host says that the client is gone: the handler has failed.
const { "/body": body = "failed", "/slow": slow, "/stream": stream } = seen
assert.deepEqual(
  { name, timeout, slow, body, stream, left: tasks.size },
  {
    name: "GET /name",
    timeout: "503 503 timeout",
    slow: "499 disconnect",
    body: host === "Deno.serve" ? "failed" : "499 disconnect",
    stream: "ended",
    left: 0
  }
)
console.log(`Hono on ${host}: requests end with their clients`)
close()
process.exit(0)
