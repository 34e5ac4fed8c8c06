/**
 * What Node.js tells of its process: when it would end, and what it still has. It is undefined where there is none, and other hosts have
 * some of it.
 */

/** The handles of the process. */
export interface Report {
  readonly libuv: ReadonlyArray<{
    readonly type: string
    readonly is_active: boolean
    readonly is_referenced: boolean
    readonly signal?: string
  }>
  readonly workers: ReadonlyArray<unknown>
}

/** The inspector. Asked by the thread itself it answers at once. */
export interface Session {
  connect(): void
  disconnect(): void
  post(method: string, params: object, answer: (error: Error | null, result?: Answer) => void): void
}

export interface Answer {
  readonly result?: { readonly objectId?: string; readonly value?: unknown }
  readonly objects?: { readonly objectId?: string }
}

interface NodeProcess {
  readonly versions?: { readonly node?: string; readonly bun?: string; readonly deno?: string }
  readonly report?: { getReport?(): Report | string; excludeNetwork?: boolean }
  on(event: "beforeExit", listener: () => void): unknown
  off(event: "beforeExit", listener: () => void): unknown
  listeners(event: "beforeExit"): ReadonlyArray<unknown>
  readonly getBuiltinModule?: {
    (name: "node:worker_threads"): { readonly isMainThread: boolean }
    (name: "node:inspector"): { readonly Session: new () => Session }
  }
}

export const { process } = globalThis as { readonly process?: NodeProcess }
