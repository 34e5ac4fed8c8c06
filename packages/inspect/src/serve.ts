/**
 * Has this process answer clients that look into it.
 *
 * @since 0.1.0
 */
import { isMainThread, Worker } from "node:worker_threads"
import type { CancellationKind } from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { ownVersion } from "./version.ts"
import { kindsWith } from "./kinds.ts"
import { serveElsewhere } from "./elsewhere/serving.ts"
import { programName } from "./folder.ts"
import { socketsHere } from "./sockets.ts"
import { type Hello, protocolVersion } from "./protocol.ts"
import type { RecordOptions } from "./recorder/recorder.ts"
import { Writing, type WriteOptions } from "./target/writing.ts"
import { Agent } from "./target/agent.ts"
import { nodeHost } from "./target/nodeHost.ts"
import { takeProfile } from "./profile/taking.ts"
import { listen } from "./target/server.ts"
import { wayHere } from "./target/wayHere.ts"
import type { WorkerData } from "./target/worker.ts"

/**
 * Options of {@link serve}.
 *
 * @category models
 * @since 0.1.0
 */
export interface ServeOptions {
  /** What the process is called in `list`, and by which name it is found: the name of its program by default. */
  readonly name?: string | undefined
  /**
   * Whether the loops are observed from the start, so that ages are known of everything, and tasks that have ended. By default that begins
   * when a client asks for it.
   */
  readonly observe?: boolean | undefined
  /** Whether a flight recorder runs from the start, for `record`: with its options in the place of `true`. */
  readonly record?: boolean | RecordOptions | undefined
  /** When this process writes down by itself what it does. */
  readonly write?: WriteOptions | undefined
  /**
   * The program's own kinds of cancellation, which it has added to `CancellationKinds` of core: `cancel --kind` takes these, and those of core
   * that tell nothing more. What is not named here cannot be asked for from outside.
   */
  readonly kinds?: ReadonlyArray<CancellationKind> | undefined
  /** Whether a thread of its own answers. By default on Node.js: the program is then seen while it computes, too. */
  readonly thread?: boolean | undefined
}

/**
 * A process that answers.
 *
 * @category models
 * @since 0.1.0
 */
export interface Serving {
  /** The socket that it listens on. */
  readonly path: string
  readonly thread: "worker" | "main"
  /** Answers no more. */
  close(): Promise<void>
}

const key = Symbol.for("@effect-asyncio/inspect/agent")

interface Global {
  [key]?: {
    // For the thread that answers, which evaluates calls of these.
    readonly read: (call: string) => string
    readonly look: (watch: number) => string
    readonly serving: Promise<Serving>
  }
}

/**
 * Has this process answer to `npx @effect-asyncio/inspect`, on a socket that only this user can reach. Called again it gives what the
 * first call has given.
 *
 * **Details**
 *
 * It holds up neither the program nor its end. On Node.js a thread of its own listens, which costs some 10 MB, and reads the tasks of
 * the program also while that computes. On Bun and Deno, and where Node.js gives no thread, the program's own thread listens, and answers when
 * its loop comes to it.
 *
 * It rejects where the folder of the sockets is not safe, or no socket can be made there.
 *
 * @category running
 * @since 0.1.0
 */
export const serve = (options: ServeOptions = {}): Promise<Serving> => {
  const global = globalThis as Global
  const known = global[key]
  if (known !== undefined) return known.serving
  const agent = new Agent({
    name: options.name ?? programName(),
    record: options.record,
    kinds: options.kinds,
    host: nodeHost
  })
  if (options.observe === true) agent.observe()
  const read = (call: string): string => {
    const [method, ...args] = JSON.parse(call) as [keyof Agent, ...Array<never>]
    return JSON.stringify(agent[method](...(args as [never, never])) ?? null)
  }
  const serving = begin(agent, options)
  global[key] = { read, look: (watch) => agent.lookText(watch), serving }
  // Before the next call the program may have done something about it.
  serving.catch(() => delete global[key])
  return serving
}

// `run(main, { inspect: true })` finds it without looking for the package.
lowlevel.setInspectorUnsafe((options) => serve(options))

const begin = async (agent: Agent, options: ServeOptions): Promise<Serving> => {
  const { write } = options
  const stopWriting = write === undefined ? () => {} : new Writing(agent, helloOf(options, "main"), write).stop
  const sockets = socketsHere()
  sockets.make()
  const path = sockets.path({ pid: process.pid, part: 0 })
  const serving =
    options.thread === false || !isNode
      ? await onMainThread(agent, path, helloOf(options, "main"))
      : await onWorker(agent, {
          path,
          hello: helloOf(options, "worker"),
          global: `globalThis[Symbol.for(${JSON.stringify(key.description)})]`
        }).catch(() => onMainThread(agent, path, helloOf(options, "main")))
  const elsewhere = serveElsewhere(sockets, helloOf(options, "main"))
  const forget = () => {
    elsewhere.close()
    sockets.remove(path)
  }
  process.once("exit", forget)
  return {
    ...serving,
    path,
    close: async () => {
      process.off("exit", forget)
      delete (globalThis as Global)[key]
      stopWriting()
      agent.stop()
      await serving.close()
      forget()
    }
  }
}

/** On Node.js a thread can take a profile of itself. */
const profileHere = async (until: () => Promise<void>): Promise<unknown> => {
  if (!isNode) throw new Error(`${hostText()} has no profiler that could be asked: take profiles on Node.js`)
  const { Session } = await import("node:inspector/promises")
  const session = new Session()
  session.connect()
  try {
    return await takeProfile(session, until)
  } finally {
    session.disconnect()
  }
}

const helloOf = ({ kinds, name = programName() }: ServeOptions, thread: Serving["thread"]): Hello => ({
  protocol: protocolVersion,
  pid: process.pid,
  name,
  host: hostText(),
  version: ownVersion(),
  thread,
  startedAt: Date.now() - Math.round(performance.now()),
  kinds: kindsWith(kinds)
})

type Listening = Pick<Serving, "thread" | "close">

const onMainThread = async (agent: Agent, path: string, hello: Hello): Promise<Listening> => {
  const { close } = await listen(path, hello, wayHere(agent, profileHere))
  return { thread: "main", close: async () => close() }
}

const onWorker = async (agent: Agent, data: WorkerData): Promise<Listening> => {
  // Beside this file, whether that is a source or what was built of it.
  const file = new URL(import.meta.url.endsWith(".ts") ? "./target/worker.ts" : "./target/worker.js", import.meta.url)
  const worker = new Worker(file, { workerData: data, execArgv: [], name: "effect-asyncio inspect", stdin: false })
  await new Promise<void>((resolve, reject) => {
    worker.once("error", reject)
    worker.on(
      "message",
      (message: { listening?: true; order: number; call: [never, ...Parameters<Agent["cancel"]>] }) => {
        if (message.listening === true) return resolve()
        const [, ...order] = message.call
        try {
          // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
          worker.postMessage({ order: message.order, value: agent.cancel(...order) })
        } catch (error) {
          // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
          worker.postMessage({ order: message.order, error: error instanceof Error ? error.message : String(error) })
        }
      }
    )
  })
  // Not before: a listener for messages has the thread keep the process.
  worker.unref()
  // From here on it is no business of the program's if it fails.
  worker.on("error", () => {})
  return { thread: "worker", close: async () => void (await worker.terminate()) }
}

const isNode =
  process.versions.bun === undefined && (process.versions as { deno?: string }).deno === undefined && isMainThread

const hostText = (): string => {
  const { bun, deno, node } = process.versions as { bun?: string; deno?: string; node: string }
  if (bun !== undefined) return `bun ${bun}`
  return deno === undefined ? `node ${node}` : `deno ${deno}`
}
