/**
 * Where the dashboard hears of processes: from the server that has sent the page, or through ports.
 */
import type { LivePiece, Request } from "../protocol.ts"

/** What is looked at: the number of a process, or the place of a cluster, such as `4711:1`. */
export type Target = number | string

/** What the dashboard is told of a process, or of a page. */
export interface Listed {
  readonly pid: Target
  readonly name?: string
  readonly host?: string
  readonly version?: string
  readonly startedAt?: number
  readonly problem?: string
  /** A page or a worker: then the number is only the dashboard's. */
  readonly isPage?: true
  /** Whether it refuses to cancel tasks. */
  readonly readOnly?: true
  /** Whether it is a cluster: it has no heap in which leaks are looked for. */
  readonly isCluster?: true
}

export interface Processes {
  readonly processes: ReadonlyArray<Listed>
  readonly allowCancel: boolean
}

/** What the dashboard is told of tasks that nothing can wake. */
export interface Lost {
  readonly tasks: ReadonlyArray<number>
  /** For how long the process stood still, in milliseconds. */
  readonly stall: number
}

/** What happens on the line to a process. */
export interface Hearing {
  readonly piece: (piece: LivePiece) => void
  /** It came to an end, and why, if that is known. */
  readonly over: (why: string) => void
}

/** A way to processes. */
export interface Source {
  processes(): Promise<Processes>
  /** Hears of a process until what this gives is called. */
  live(pid: Target, hearing: Hearing): () => void
  ask<T>(pid: Target, question: Request): Promise<T>
  /** The tasks that nothing can wake any more. The process stands still meanwhile. Pages cannot tell. */
  readonly leaks?: (pid: Target) => Promise<Lost>
}
