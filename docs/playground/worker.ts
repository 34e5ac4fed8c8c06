/**
 * The worker in which a program runs: the page stays alive whatever it does, and stops it by ending the worker.
 *
 * Bundled into one file with everything that a program can import, see packages/tools/docs/playground.ts.
 */
import { withhold } from "./prepare.ts"
import type { Cancel, Trace } from "../../packages/testing/src/timeline/trace.ts"
import { type Line, reportUncaught, runProgram } from "./run.ts"

export interface Request {
  readonly source: string
  readonly cancel: Cancel | undefined
}

export type Answer =
  /** The worker has loaded what a program needs. */
  | { readonly type: "ready" }
  | { readonly type: "printed"; readonly line: Line }
  | { readonly type: "ended"; readonly trace: Trace }

interface Host {
  postMessage(message: Answer): void
  addEventListener(type: "message", listener: (event: { readonly data: Request }) => void): void
  addEventListener(
    type: "error",
    listener: (event: { readonly error: unknown; readonly defaultPrevented: boolean }) => void
  ): void
  addEventListener(
    type: "unhandledrejection",
    listener: (event: { readonly reason: unknown; readonly defaultPrevented: boolean }) => void
  ): void
}

const host = globalThis as unknown as Host
const answer = host.postMessage.bind(globalThis)
// The page believes what comes from here: a program must not be able to say it.
withhold(["postMessage"])

// An iteration later: the library passes over cancellations that nobody awaits.
host.addEventListener(
  "error",
  (event) => void setTimeout(() => event.defaultPrevented || reportUncaught(event.error), 0)
)
host.addEventListener(
  "unhandledrejection",
  (event) => void setTimeout(() => event.defaultPrevented || reportUncaught(event.reason), 0)
)
host.addEventListener("message", async ({ data: { cancel, source } }) => {
  const trace = await runProgram(source, (line) => answer({ type: "printed", line }), cancel)
  answer({ type: "ended", trace })
})
answer({ type: "ready" })
