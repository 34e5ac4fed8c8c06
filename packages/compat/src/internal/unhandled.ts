/**
 * A cancelled promise that the program has not awaited ends no process.
 *
 * A cancellation reaches every await in flight, also one that no code handles: the loser of a race, a promise that is
 * awaited only later. A promise of ours can be kept from being an unhandled rejection, but not one that an async function of the program
 * makes around it: in `const early = load(); await other(); await early` the program does not await `early` yet when the task is
 * cancelled in `other()`. So the host is told to pass over a rejection that is a cancellation. Each host is told in the one way that
 * changes nothing else: not which rejections are reported, nor how, nor by which handlers of the program.
 */
import { isCancelledError } from "@effect-asyncio/core/lowlevel"

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

// The errors that runs have rejected with: these end the program.
const ends = new WeakSet<object>()

/** Keeps the rejection of a run an unhandled rejection where the program does not handle it, also where the run was cancelled. */
export const heard = async <A>(run: Promise<A>): Promise<A> => {
  try {
    return await run
  } catch (error) {
    if (isCancelledError(error)) ends.add(error)
    throw error
  }
}

/** Whether a rejection is a cancellation, also in the words of a library, and not the end of a run. */
const isToBePassedOver = (reason: unknown): boolean => {
  if (isCancelledError(reason)) return !ends.has(reason)
  return isOfScope(reason)
}

let isOfScope = (_reason: unknown): boolean => false

/** Sets the function that tells whether a library has made `reason` of the cancellation of the code whose promise was rejected. */
export const answerForScopes = (answer: (reason: unknown) => boolean): void => {
  isOfScope = answer
}

let watching = false

/**
 * Has the host pass over rejections that are cancellations, from the first call on; later calls do nothing. A call comes before each
 * cancellation that rejects a promise of ours, and before each that aborts a signal of ours.
 */
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

// With a listener Node would no longer handle other rejections by itself.
const passOverInNode = (process: Process): void => {
  // oxlint-disable-next-line typescript/unbound-method -- called with the process that it is called on
  const { emit } = process
  process.emit = function (this: Process, event, ...args) {
    if (event === "unhandledRejection" && isToBePassedOver(args[0])) return true
    return emit.call(this, event, ...args)
  }
}

// Bun calls listeners and nothing else. If ours is the only one, it is removed for a moment, and the rejection comes again.
const passOverInBun = (process: Process): void => {
  const listener = (reason: unknown): void => {
    if (isToBePassedOver(reason) || process.listenerCount("unhandledRejection") > 1) return
    process.off("unhandledRejection", listener)
    void Promise.reject(reason)
    setTimeout(() => process.on("unhandledRejection", listener), 0)
  }
  process.on("unhandledRejection", listener)
}

// ---- promises of ours -----------------------------------------------------------------------------------------

const ignore = (): void => {}

/** Takes note that `promise` is about to reject with `failure`. */
export const noteCancellation = (promise: Promise<unknown>, failure: unknown): void => {
  if (!isCancelledError(failure)) return
  // The promises that the program makes around this one are out of our hands: the host is told to pass over them.
  watchRejections()
  promise.catch(ignore)
}

/** Wraps a promise of our own async code for the program: cancelled, it is no unhandled rejection. Every other failure still is one. */
export const withoutUnhandledRejection = <A>(promise: Promise<A>): Promise<A> => {
  const outer: Promise<A> = new Promise((resolve, reject) => {
    promise.then(resolve, (failure: unknown) => {
      noteCancellation(outer, failure)
      reject(failure)
    })
  })
  return outer
}
