/**
 * A cancellation that nobody awaits ends no process.
 *
 * A promise of ours can be kept from being an unhandled rejection (quiet.ts), but not one that an async function of the program
 * makes around it: `const early = load(); await other(); await early` has nobody who awaits `early` when the task is cancelled in
 * `other()`. So the host is asked to pass over a rejection that is a cancellation. Each host is asked in the one way that changes
 * nothing else: not what is reported, nor how, nor to whom, nor whether the program has handlers of its own.
 */
import { isCancelledError } from "@effect-asyncio/core"

interface Process {
  readonly versions?: { readonly bun?: string }
  emit(event: string, ...args: ReadonlyArray<unknown>): boolean
  on(event: string, listener: (reason: unknown) => void): unknown
  off(event: string, listener: (reason: unknown) => void): unknown
  listenerCount(event: string): number
}

interface RejectionEvent {
  readonly reason: unknown
  preventDefault(): void
  stopImmediatePropagation(): void
}

interface Host {
  readonly process?: Partial<Process>
  readonly Deno?: unknown
  addEventListener?(event: string, listener: (event: RejectionEvent) => void): void
}

// What `run` rejected with is the end of the program, and no await that was left behind.
const ends = new WeakSet<object>()

/** Has a rejection of a run that nobody handles heard, also where the run was cancelled. */
export const heard = async <A>(run: Promise<A>): Promise<A> => {
  try {
    return await run
  } catch (error) {
    if (isCancelledError(error)) ends.add(error)
    throw error
  }
}

/** Whether a rejection is a cancellation that nobody awaited. Also as what a library has made of it. */
const isToBePassedOver = (reason: unknown): boolean => {
  if (isCancelledError(reason)) return !ends.has(reason)
  return isOfScope(reason)
}

let isOfScope = (_reason: unknown): boolean => false

/** Sets who knows whether an error is what a library has made of the cancellation of the code whose promise was rejected. */
export const answerForScopes = (answer: (reason: unknown) => boolean): void => {
  isOfScope = answer
}

let watching = false

/** Passes over cancellations from now on. Asked for when the first one is delivered. */
export const watchRejections = (): void => {
  if (watching) return
  watching = true
  const host = globalThis as Host
  const isProcess = host.process?.emit !== undefined && host.Deno === undefined
  if (!isProcess) host.addEventListener?.("unhandledrejection", onEvent)
  else if (host.process?.versions?.bun === undefined) passOverInNode(host.process as Process)
  else passOverInBun(host.process as Process)
}

/** Browsers and Deno. */
const onEvent = (event: RejectionEvent): void => {
  if (!isToBePassedOver(event.reason)) return
  event.preventDefault()
  event.stopImmediatePropagation()
}

// A listener would do away with Node's own answer to every other rejection, which depends on there being none.
const passOverInNode = (process: Process): void => {
  // oxlint-disable-next-line typescript/unbound-method -- called with whatever process it is called on
  const { emit } = process
  process.emit = function (this: Process, event, ...args) {
    if (event === "unhandledRejection" && isToBePassedOver(args[0])) return true
    return emit.call(this, event, ...args)
  }
}

// Bun calls listeners and nothing else. Where ours is the only one it goes away for a moment, and the rejection comes again.
const passOverInBun = (process: Process): void => {
  const listener = (reason: unknown): void => {
    if (isToBePassedOver(reason) || process.listenerCount("unhandledRejection") > 1) return
    process.off("unhandledRejection", listener)
    void Promise.reject(reason)
    setTimeout(() => process.on("unhandledRejection", listener), 0)
  }
  process.on("unhandledRejection", listener)
}
