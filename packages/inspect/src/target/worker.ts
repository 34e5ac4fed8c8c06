/**
 * The thread that answers on Node.js. It reads by way of the inspector, which interrupts the program wherever it computes; orders go to the
 * program's thread as messages, and wait for its next macrotask.
 */
import { Session } from "node:inspector/promises"
import { parentPort, workerData } from "node:worker_threads"
import type { Hello } from "../protocol.ts"
import { takeProfile } from "../profile/taking.ts"
import { PieceText, profileWith, type Way } from "./answers.ts"
import { listen } from "./server.ts"

/** What the thread is made with. */
export interface WorkerData {
  readonly path: string
  readonly hello: Hello
  /** An expression for what the program's thread has for this one: functions that read. */
  readonly global: string
}

const { global, hello, path } = workerData as WorkerData

// Connected only while something is read: Node.js does not let a process end as long as a debugger is, and says so on its standard error.
const session = new Session()
let readers = 0

const connected = async <A>(use: () => Promise<A>): Promise<A> => {
  if (readers++ === 0) session.connectToMainThread()
  try {
    return await use()
  } finally {
    if (--readers === 0) session.disconnect()
  }
}

const evaluate = async (expression: string): Promise<string> => {
  const { exceptionDetails, result } = await connected(() =>
    session.post("Runtime.evaluate", { expression: `${global}.${expression}`, returnByValue: true, silent: true })
  )
  if (exceptionDetails === undefined) return result.value as string
  throw new Error(messageIn(exceptionDetails.exception?.description ?? exceptionDetails.text))
}

/** The inspector gives an error as its stack. */
const messageIn = (description: string): string => description.replace(/^\w*Error: /, "").replace(/\n {4}at [^]*$/, "")

const orders = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
let lastOrder = 0

const way: Way = {
  profile: (until) => profileWith(way, () => connected(() => takeProfile(session, until))),
  // The text is an argument in JSON, and so no code.
  read: async (...call: ReadonlyArray<unknown>) =>
    JSON.parse(await evaluate(`read(${JSON.stringify(JSON.stringify(call))})`)) as unknown,
  look: async (watch) => {
    const text = await evaluate(`look(${watch})`)
    return new PieceText(text.slice(1), text.startsWith("+"))
  },
  order: (...call: ReadonlyArray<unknown>) =>
    new Promise((resolve, reject) => {
      orders.set(++lastOrder, { resolve, reject })
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      parentPort!.postMessage({ order: lastOrder, call })
    })
}

parentPort!.on("message", ({ error, order, value }: { order: number; value?: unknown; error?: string }) => {
  const waiting = orders.get(order)
  orders.delete(order)
  if (error === undefined) waiting?.resolve(value)
  else waiting?.reject(new Error(error))
})

await listen(path, hello, way)
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort!.postMessage({ listening: true })
