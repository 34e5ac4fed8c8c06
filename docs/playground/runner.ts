/**
 * Runs programs in workers, of the page's side: a worker for every run, which ends with it.
 *
 *     loading ──ready──▶ spare ──run──▶ at work ──ended──▶ over, and replaced; it may still print
 *                                          └── stop, or too long ──▶ ended by force
 */
import type { Cancel, Trace } from "../../packages/testing/src/timeline/trace.ts"
import type { Line } from "./run.ts"
import type { Answer, Request } from "./worker.ts"

/** As much of a `Worker` as is used. */
export interface AnyWorker {
  postMessage(request: Request): void
  terminate(): void
  addEventListener(type: "message", listener: (event: { readonly data: Answer }) => void): void
  addEventListener(type: "error", listener: (event: { readonly message?: string | undefined }) => void): void
}

export interface RunnerOptions {
  readonly spawn: () => AnyWorker
  /** Calls back later; what it returns prevents that. */
  readonly later: (callback: () => void, millis: number) => () => void
}

/** How a run has ended: by itself, or why not. */
export type Result = { readonly trace: Trace } | { readonly stopped: string }

export interface RunOptions {
  readonly onLine?: ((line: Line) => void) | undefined
  readonly cancel?: Cancel | undefined
}

/** In milliseconds: a program that computes for longer is in an endless loop. */
export const longestRun = 10_000

export type Runner = ReturnType<typeof makeRunner>

export const makeRunner = ({ later, spawn }: RunnerOptions) => {
  let spare: { readonly worker: AnyWorker; readonly ready: Promise<void> } | undefined
  let current: { readonly end: (result: Result) => void } | undefined
  let printing: AnyWorker | undefined

  const load = () => {
    const worker = spawn()
    const ready = new Promise<void>((resolve, reject) => {
      worker.addEventListener("message", ({ data }) => data.type === "ready" && resolve())
      worker.addEventListener("error", ({ message }) => {
        reject(new Error(message ?? "the playground cannot be loaded; are you offline?"))
        if (spare?.worker === worker) spare = undefined
      })
    })
    return { worker, ready }
  }

  /** Loads what the next run needs. */
  const prepare = (): Promise<void> => (spare ??= load()).ready

  const stop = (why = "you stopped it") => current?.end({ stopped: why })

  const run = async (source: string, { cancel, onLine }: RunOptions = {}): Promise<Result> => {
    stop("another run was begun")
    printing?.terminate()
    let takeBack: (() => void) | undefined
    let end!: (result: Result) => void
    let isOver = false
    const ended = new Promise<Result>((resolve) => (end = resolve))
    const used = (spare ??= load())
    const own = {
      end: (result: Result) => {
        if (isOver) return
        isOver = true
        takeBack?.()
        if (current === own) current = undefined
        if ("stopped" in result) used.worker.terminate()
        else {
          printing = used.worker
          // A program's timers may print after its end, for a while.
          later(() => used.worker.terminate(), longestRun)
        }
        end(result)
        if (spare === used) spare = undefined
        spare ??= load()
        spare.ready.catch(() => {})
      }
    }
    current = own
    try {
      await Promise.race([used.ready, ended])
    } catch (error) {
      own.end({ stopped: error instanceof Error ? error.message : String(error) })
    }
    if (isOver) return ended
    if (spare === used) spare = undefined
    used.worker.addEventListener("message", ({ data }) => {
      if (data.type === "printed") onLine?.(data.line)
      if (data.type === "ended") own.end({ trace: data.trace })
    })
    used.worker.addEventListener("error", ({ message }) => own.end({ stopped: message ?? "the worker has failed" }))
    takeBack = later(() => own.end({ stopped: `it ran for more than ${longestRun / 1000} seconds` }), longestRun)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has none
    used.worker.postMessage({ source, cancel })
    return ended
  }

  return {
    prepare,
    run,
    stop,
    /** Ends everything, when the page is left. */
    close: () => {
      stop("the page was left")
      printing?.terminate()
      spare?.worker.terminate()
      spare = undefined
    }
  }
}
