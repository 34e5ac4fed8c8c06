// Runs programs in the worker of the playground, in a realm that has what a browser's worker has, and nothing of Node.js: a list of
// texts as JSON on stdin, a list of `{ lines, trace }` on stdout.
import { readFileSync } from "node:fs"
import { text } from "node:stream/consumers"
import { createContext, runInContext } from "node:vm"
import type { Line } from "../../../docs/playground/run.ts"
import type { Answer, Request as RunRequest } from "../../../docs/playground/worker.ts"
import { playgroundWorker, type Ran } from "./playground.ts"

type Listener = (event: Readonly<Record<string, unknown>>) => void

/** Loads the worker, once: the page has another for every run, but that takes a fifth of a second. */
const load = () => {
  const listeners = new Map<string, Array<Listener>>()
  let answered: ((answer: Answer) => void) | undefined
  const host = {
    addEventListener: (type: string, listener: Listener) =>
      void listeners.set(type, [...(listeners.get(type) ?? []), listener]),
    // As JSON: the objects are of another realm.
    postMessage: (answer: Answer) => answered?.(JSON.parse(JSON.stringify(answer)) as Answer),
    console: {},
    setTimeout: (f: () => void, millis: number) => Number(setTimeout(f, millis)),
    clearTimeout: (timer: number) => clearTimeout(timer),
    setInterval: (f: () => void, millis: number) => Number(setInterval(f, millis)),
    clearInterval: (timer: number) => clearInterval(timer),
    setImmediate,
    queueMicrotask,
    performance: { now: () => performance.now(), timeOrigin: performance.timeOrigin },
    structuredClone,
    AbortController,
    AbortSignal,
    Event,
    EventTarget,
    DOMException,
    URL,
    URLSearchParams,
    TextEncoder,
    TextDecoder,
    crypto,
    ReadableStream,
    WritableStream,
    TransformStream,
    Headers,
    Response,
    Request,
    Blob,
    FormData
  }
  const dispatch = (type: string, event: Readonly<Record<string, unknown>>) => {
    for (const listener of listeners.get(type) ?? []) listener(event)
  }
  createContext(host)
  runInContext(readFileSync(playgroundWorker, "utf8"), host)
  return {
    send: (request: RunRequest, listen: (answer: Answer) => void) => {
      answered = listen
      dispatch("message", { data: request })
    },
    /** A rejection that nobody handles, which Node.js tells of the whole process. */
    reject: (reason: unknown) => {
      const event = { reason, defaultPrevented: false, stopImmediatePropagation: () => {}, preventDefault: () => {} }
      event.preventDefault = () => void (event.defaultPrevented = true)
      dispatch("unhandledrejection", event)
    }
  }
}

const { reject, send } = load()
// As a browser tells its worker; Node.js tells the process.
process.on("unhandledRejection", reject)

const play = (source: string): Promise<Ran> => {
  const lines: Array<Line> = []
  return new Promise((resolve) => {
    send({ source, cancel: undefined }, (answer) => {
      if (answer.type === "printed") lines.push(answer.line)
      if (answer.type === "ended") resolve({ lines, trace: answer.trace })
    })
  })
}

const results: Array<Ran> = []
for (const source of JSON.parse(await text(process.stdin)) as ReadonlyArray<string>) results.push(await play(source))
process.stdout.write(JSON.stringify(results), () => process.exit())
