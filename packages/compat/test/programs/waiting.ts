// Programs that wait: some for what comes, though nothing of it keeps the process, and some for what never can. argv names one.
import { spawn } from "node:child_process"
import { EventEmitter, once } from "node:events"
import { mkdtempSync, rmSync, watch } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { MessageChannel, Worker } from "node:worker_threads"
import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { Effect } from "effect"

const soon = 300
const never = () => new Promise<void>(() => {})

/** A thread that answers after a while. */
const thread = () =>
  new Worker('setTimeout(() => require("worker_threads").parentPort.postMessage(1), 300)', { eval: true })

const comes: Record<string, () => Promise<unknown>> = {
  "a timer": () => asyncio.sleep(soon),
  "an unreferenced timer": () => new Promise<void>((resolve) => void setTimeout(resolve, soon).unref()),
  "a signal handler of the loop": () =>
    new Promise<void>((resolve) => {
      asyncio.getRunningLoop().addSignalHandler("SIGUSR2", () => resolve())
      sendLater()
    }),
  "a signal handler of the process": async () => {
    sendLater()
    await once(process, "SIGUSR2")
  },
  "an unreferenced server": () =>
    new Promise<void>((resolve) => {
      const server = createServer(() => resolve())
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as { port: number }
        const script = `setTimeout(() => require("net").connect(${port}, "127.0.0.1").end(), 300)`
        spawn(process.execPath, ["-e", script], { stdio: "ignore", detached: true }).unref()
        server.unref()
      })
    }),
  "a thread": async () => void (await once(thread(), "message")),
  "an unreferenced thread": () => {
    const worker = thread()
    worker.unref()
    return new Promise<void>((resolve) => {
      worker.once("message", () => resolve())
      worker.unref()
    })
  },
  "an unreferenced port": () => {
    const { port1, port2 } = new MessageChannel()
    const worker = new Worker('setTimeout(() => require("worker_threads").workerData.postMessage(1), 300)', {
      eval: true,
      workerData: port2,
      transferList: [port2]
    })
    worker.unref()
    return new Promise<void>((resolve) => {
      port1.once("message", () => resolve())
      port1.unref()
    })
  },
  "a watcher of files": async () => {
    const folder = mkdtempSync(join(tmpdir(), "waiting-"))
    const watcher = watch(folder)
    watcher.unref()
    const changed = once(watcher as unknown as EventEmitter, "change")
    const script = `setTimeout(() => require("fs").writeFileSync(${JSON.stringify(join(folder, "x"))}, "1"), 300)`
    spawn(process.execPath, ["-e", script], { stdio: "ignore", detached: true }).unref()
    await changed
    rmSync(folder, { recursive: true })
  },
  "a child": async () => void (await once(spawn(process.execPath, ["-e", "setTimeout(() => {}, 300)"]), "exit")),
  "an unreferenced child": () => {
    const child = spawn(process.execPath, ["-e", "setTimeout(() => {}, 300)"], { stdio: "ignore" })
    child.unref()
    return new Promise<void>((resolve) => void child.once("exit", () => resolve()))
  },
  "the standard input": async () => void (await once(process.stdin, "data")),
  "a call in a thread": async () =>
    asyncio.toThread(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)),
  "a call in a thread that waits for an unreferenced timer": () =>
    asyncio.toThread(() => new Promise<void>((resolve) => void setTimeout(resolve, 300).unref())),
  "a call in a thread that waits for an unreferenced server": () =>
    asyncio.toThread(async (execPath) => {
      const { createServer } = await import("node:net")
      const { spawn } = await import("node:child_process")
      await new Promise<void>((resolve) => {
        const server = createServer(() => resolve())
        server.listen(0, "127.0.0.1", () => {
          const { port } = server.address() as { port: number }
          const script = `setTimeout(() => require("net").connect(${port}, "127.0.0.1").end(), 300)`
          spawn(execPath, ["-e", script], { stdio: "ignore", detached: true }).unref()
          server.unref()
        })
      })
    }, process.execPath),
  "a request": async () => {
    const server = createServer((socket) => void setTimeout(() => socket.end("1"), soon))
    server.listen(0, "127.0.0.1")
    await once(server, "listening")
    const { connect } = await import("node:net")
    await once(connect((server.address() as { port: number }).port, "127.0.0.1"), "data")
    server.close()
  },
  "another who waits for the end": () =>
    new Promise<void>((resolve) => {
      process.once("beforeExit", () => setTimeout(resolve, soon))
    })
}

/** Has another process send a signal: what waits here is to keep nothing. */
const sendLater = () => {
  const script = `setTimeout(() => process.kill(${process.pid}, "SIGUSR2"), 300)`
  spawn(process.execPath, ["-e", script], { stdio: "ignore", detached: true }).unref()
}

const crossed = () => {
  const [left, right] = [new asyncio.Lock(), new asyncio.Lock()]
  const taking = async (first: asyncio.Lock, second: asyncio.Lock) => {
    await first.acquire()
    await asyncio.sleep(0)
    await second.acquire()
  }
  return [
    asyncio.createTask(() => taking(left, right), { name: "one" }),
    asyncio.createTask(() => taking(right, left), { name: "two" })
  ] as const
}

const neverComes: Record<string, (options: asyncio.RunOptions) => Promise<unknown>> = {
  "a promise": (options) => asyncio.run(never, options),
  "two locks in Promise.all": (options) => asyncio.run(() => Promise.all(crossed()), options),
  "a future in Effect.all": (options) =>
    core.run(
      Effect.gen(function* () {
        const loop = yield* core.getRunningLoop
        const future = loop.createFutureUnsafe<void>()
        yield* Effect.all([core.sleep(1), future], { concurrency: "unbounded" })
      }),
      options as core.RunOptions
    ),
  "a ring of tasks": (options) =>
    core.run(
      Effect.gen(function* () {
        const others: Array<core.Task<void>> = []
        const waiting = (i: number): Effect.Effect<void> => Effect.suspend(() => Effect.orDie(others[i]!))
        others.push(yield* core.createTask(waiting(1), { name: "first" }))
        others.push(yield* core.createTask(waiting(0), { name: "second" }))
        yield* Effect.orDie(others[0]!)
      }),
      options as core.RunOptions
    ),
  "a promise of another loop": async (options) => {
    let resolve = () => {}
    const shared = new Promise<void>((done) => (resolve = done))
    const first = asyncio.run(() => shared, { ...options, name: "here" })
    const second = core.run(
      Effect.andThen(
        Effect.promise(never),
        Effect.sync(() => resolve())
      ),
      { name: "there" }
    )
    await Promise.race([first, second])
  },
  "a promise after a call in a thread": (options) =>
    asyncio.run(async () => {
      await asyncio.toThread(() => 1)
      await never()
    }, options),
  "a call in a thread that never ends": (options) =>
    asyncio.run(async () => {
      await asyncio.toThread(() => 1)
      await asyncio.toThread(() => new Promise(() => {}))
    }, options),
  "a promise after a timer": (options) => asyncio.run(() => asyncio.sleep(5).then(never), options)
}

const [name = "", onDeadlock] = process.argv.slice(2)
const comesAfter = comes[name]
if (comesAfter !== undefined) {
  await asyncio.run(async () => void (await comesAfter()))
  console.log("it came")
  process.exit(0)
}
const options = onDeadlock === "fail" ? { onDeadlock: "fail" as const } : {}
await neverComes[name]!(options).catch((error: unknown) => {
  console.log(String(error))
  process.exit(7)
})
