/**
 * A process that has nothing of this package, looked into by the inspector of Node.js: it opens that on SIGUSR1, without a password, on this
 * machine only.
 */
import { randomBytes } from "node:crypto"
import { get } from "node:http"
import { setTimeout as sleep } from "node:timers/promises"
import { WebSocket } from "ws"
import type { Talk, TalkOptions } from "../client/talking.ts"
import { InspectError, notOurs } from "../errors.ts"
import { type Answers, pieceOf } from "../border/answers.ts"
import { longestLine, valueOf } from "../border/line.ts"
import { flag, listOf, objectOf, type Shape } from "../border/shapes.ts"
import { trusted } from "../border/trusted.ts"
import type { Hello, Request } from "../protocol.ts"
import { printable } from "../text/printable.ts"
import { reader } from "./reader.ts"
import { checkTarget, inspectorPorts, portsOf } from "./target.ts"

/** So many tasks are read at one moment. */
const tasksPerPiece = 500
/** How long Node.js may take to open its inspector, in milliseconds, and how often is looked. */
const patience = 5000
const betweenLooks = 10

const defaultTimeout = 10_000

const piece: Shape<Answers["dump"]> = (value) => pieceOf("dump", value)
const partOf = objectOf({ pieces: listOf(piece), more: flag, there: flag })

/** Where a process listens for debuggers. */
interface Inspector {
  readonly url: string
  /** Whether it listened before: then another program wants it to. */
  readonly isOthers: boolean
}

export class Attached implements Talk {
  readonly hello: Hello
  readonly #socket: WebSocket
  readonly #isOthers: boolean
  readonly #timeout: number
  readonly #waiting = new Map<
    number,
    { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }
  >()
  #lastId = 0
  readonly #closed: Promise<void>
  #isClosed = false

  private constructor(socket: WebSocket, pid: number, isOthers: boolean, timeout: number) {
    this.#socket = socket
    this.#isOthers = isOthers
    this.#timeout = timeout
    this.hello = {
      protocol: 1,
      pid,
      name: String(pid),
      host: "node",
      version: "",
      thread: "attached",
      startedAt: Date.now()
    }
    this.#closed = new Promise((resolve) => {
      socket.on("close", () => {
        this.#isClosed = true
        for (const { reject } of this.#waiting.values()) reject(new InspectError(`process ${pid} has ended meanwhile`))
        this.#waiting.clear()
        resolve()
      })
    })
    socket.on("error", () => {})
    socket.on("message", (data: Buffer) => {
      const { error, id, result } = JSON.parse(data.toString("utf8")) as {
        id?: number
        result?: unknown
        error?: { message: string }
      }
      const waiting = this.#waiting.get(id ?? 0)
      this.#waiting.delete(id ?? 0)
      if (error === undefined) waiting?.resolve(result)
      else waiting?.reject(new InspectError(`process ${pid}: ${printable(error.message)}`))
    })
  }

  /** Has a process open its inspector, and connects. `warn` is called before it is signalled. */
  static async open(pid: number, options: TalkOptions, warn: () => void): Promise<Attached> {
    checkTarget(pid)
    const timeout = options.timeout ?? defaultTimeout
    const { isOthers, url } = (await inspectorOf(inspectorPorts(pid), true)) ?? (await opened(pid, warn))
    const socket = new WebSocket(url, { perMessageDeflate: false, maxPayload: longestLine })
    await new Promise<void>((resolve, reject) => {
      socket.once("open", resolve)
      socket.once("error", (error: NodeJS.ErrnoException) =>
        reject(
          new InspectError(`the inspector of process ${pid} cannot be connected to: ${error.code ?? error.message}`)
        )
      )
    })
    const attached = new Attached(socket, pid, isOthers, timeout)
    try {
      // The port may have become another process's.
      if ((await attached.#evaluate("process.pid")) !== pid) {
        socket.close()
        throw new InspectError(`what listens for an inspector is not process ${pid}`)
      }
      return attached
    } catch (error) {
      await attached.close()
      throw error
    }
  }

  /** Reads, of what {@link Request} knows. */
  async *request({ request }: Request): AsyncGenerator {
    if (request !== "dump") {
      throw new InspectError(`${request} is not for --attach: have the process import @effect-asyncio/inspect/register`)
    }
    const key = `@effect-asyncio/inspect/${randomBytes(8).toString("hex")}`
    const expression = `(${reader.toString()})(${JSON.stringify(key)}, ${tasksPerPiece})`
    for (let more = true; more;) {
      const answer = String(await this.#evaluate(expression))
      const part = trusted(
        (why) => notOurs(`process ${this.hello.pid}`, why),
        () => partOf(valueOf(answer), "the answer")
      )
      if (!part.there)
        throw new InspectError(`process ${this.hello.pid} has no loop: it does not use @effect-asyncio/core`)
      yield* part.pieces
      more = part.more
    }
  }

  async ask<T>(request: Request): Promise<T> {
    const answer: Array<unknown> = []
    for await (const piece of this.request(request)) answer.push(piece)
    return answer[0] as T
  }

  /** Nothing that can be asked here takes its time. */
  enough(): void {}

  /**
   * Closes the inspector of the process, if it was opened for us. Where this end goes first, Node.js can crash: it closes, and we wait for
   * that.
   */
  async close(): Promise<void> {
    if (this.#isClosed) return
    if (this.#isOthers) this.#socket.close()
    else {
      // It answers by closing the connection.
      this.#send("Runtime.evaluate", {
        expression: "require('node:inspector').close()",
        includeCommandLineAPI: true
      }).catch(() => {})
    }
    const stopped = new AbortController()
    await Promise.race([this.#closed, sleep(patience, undefined, { signal: stopped.signal }).catch(() => {})])
    stopped.abort()
    // The process does not come to it. To go now is what the plan of this way warns of; it goes when this process ends.
    if (!this.#isClosed && this.#isOthers) this.#socket.terminate()
  }

  async #evaluate(expression: string): Promise<unknown> {
    const { exceptionDetails, result } = (await this.#send("Runtime.evaluate", {
      expression,
      returnByValue: true,
      silent: true
    })) as { result: { value?: unknown }; exceptionDetails?: { text: string; exception?: { description?: string } } }
    if (exceptionDetails !== undefined) {
      throw new InspectError(
        `process ${this.hello.pid}: ${printable(exceptionDetails.exception?.description ?? exceptionDetails.text)}`
      )
    }
    return result.value
  }

  #send(method: string, params: object): Promise<unknown> {
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () =>
          reject(
            new InspectError(
              `process ${this.hello.pid} has not answered for ${this.#timeout / 1000} s: it is stopped, or waits in a call of the system that blocks`,
              3
            )
          ),
        this.#timeout
      )
      const done = () => clearTimeout(timer)
      this.#waiting.set(id, {
        resolve: (value) => (done(), resolve(value)),
        reject: (error) => (done(), reject(error))
      })
      this.#socket.send(JSON.stringify({ id, method, params }))
    })
  }
}

/** Sends the signal, and waits for the inspector. */
const opened = async (pid: number, warn: () => void): Promise<Inspector> => {
  const before = portsOf(pid)
  warn()
  try {
    process.kill(pid, "SIGUSR1")
  } catch (error) {
    throw new InspectError(`process ${pid} cannot be signalled: ${(error as NodeJS.ErrnoException).code}`)
  }
  for (const end = Date.now() + patience; Date.now() < end;) {
    const ports = portsOf(pid).filter((port) => !before.includes(port))
    const found = await inspectorOf(ports, false)
    if (found !== undefined) return found
    await sleep(betweenLooks)
  }
  throw new InspectError(
    `process ${pid} has not opened its inspector: it has a listener of its own for SIGUSR1, or another process has the port (--inspect-port), or it is blocked`,
    3
  )
}

const inspectorOf = async (ports: ReadonlyArray<number>, isOthers: boolean): Promise<Inspector | undefined> => {
  for (const port of ports) {
    const url = await urlOf(port)
    if (url !== undefined) return { url, isOthers }
  }
  return undefined
}

/** The address of an inspector on a port of this machine; undefined where another kind of server listens there. */
const urlOf = async (port: number): Promise<string | undefined> =>
  await new Promise((resolve) => {
    const request = get({ host: "127.0.0.1", port, path: "/json/list", timeout: 1000, agent: false }, (response) => {
      let text = ""
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part
        if (text.length > 65_536) request.destroy()
      })
      response.on("error", () => resolve(undefined))
      response.on("close", () => resolve(undefined))
      response.on("end", () => {
        try {
          const [first] = JSON.parse(text) as ReadonlyArray<{ readonly type?: unknown; readonly id?: unknown }>
          const id = String(first?.id)
          resolve(first?.type === "node" && /^[\w-]+$/.test(id) ? `ws://127.0.0.1:${port}/${id}` : undefined)
        } catch {
          resolve(undefined)
        }
      })
    })
    request.on("timeout", () => request.destroy())
    request.on("error", () => resolve(undefined))
  })
