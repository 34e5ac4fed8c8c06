// What the runner needs of its host. Kept from the beginning, because tests replace and remove globals.

interface HostProcess {
  on(event: string, listener: (error: unknown) => void): unknown
  off(event: string, listener: (error: unknown) => void): unknown
  listenerCount(event: string): number
  exit(code: number): void
  readonly versions: { readonly node: string; readonly bun?: string; readonly deno?: string }
}

interface PageEvent {
  readonly reason?: unknown
  readonly error?: unknown
  readonly defaultPrevented: boolean
}

interface HostGlobals {
  readonly setTimeout: (f: () => void, ms: number) => unknown
  readonly clearTimeout: (handle: unknown) => void
  readonly process?: HostProcess
  addEventListener(event: string, listener: (event: PageEvent) => void): void
  removeEventListener(event: string, listener: (event: PageEvent) => void): void
}

const host = globalThis as unknown as HostGlobals

export const { clearTimeout, process, setTimeout } = host

const pageEvents = ["unhandledrejection", "error"]
const processEvents = ["unhandledRejection", "uncaughtException"]

/**
 * Calls the listener for every error that nobody handles, until the returned function is called. As in vitest, a test
 * that listens itself handles what it hears; in a browser it says so with `preventDefault`.
 */
export const onUnhandled = (listener: (error: unknown) => void): (() => void) => {
  if (process === undefined) {
    const ours = (event: PageEvent) => {
      if (!event.defaultPrevented) listener(event.reason ?? event.error)
    }
    for (const event of pageEvents) host.addEventListener(event, ours)
    return () => {
      for (const event of pageEvents) host.removeEventListener(event, ours)
    }
  }
  const ours = processEvents.map((event) => {
    const ours = (error: unknown) => {
      if (process.listenerCount(event) === 1) listener(error)
    }
    process.on(event, ours)
    return { event, ours }
  })
  return () => {
    for (const { event, ours: listening } of ours) process.off(event, listening)
  }
}

/** The runtimes of the table of skips, as they call themselves. */
export type RuntimeName = "node 20" | "node 22" | "node 24" | "node 26" | "bun" | "deno" | "chromium"

const runtimeName = (): string => {
  if (process === undefined) return "chromium"
  const { bun, deno, node } = process.versions
  if (bun !== undefined) return "bun"
  if (deno !== undefined) return "deno"
  return `node ${node.split(".")[0]}`
}

export const runtime = runtimeName() as RuntimeName
