import type { AwaitRow, CancellationRow, LiveRows, TaskRow } from "../protocol.ts"

/** Rows that are told to a client, as they grow: each kind of tasks has a class of its own that adds them. */
export class GrowingRows implements LiveRows {
  readonly id: Array<number> = []
  readonly name: Array<string> = []
  readonly by: Array<number> = []
  readonly createdAt: Array<number> = []
  readonly kind: Array<number> = []
  readonly on: Array<number> = []
  readonly since: Array<number> = []
  readonly awaiter: Array<number> = []
  readonly busy: Array<number> = []
  readonly scheduled: Array<number> = []
  readonly steps: Array<number> = []
  readonly longest: Array<number> = []
  readonly cancelling: Array<number> = []
  readonly labels: Record<number, TaskRow["labels"]> = {}
  readonly cancellation: Record<number, CancellationRow> = {}
  readonly awaiters: Record<number, ReadonlyArray<number>> = {}
  readonly waits: Record<number, ReadonlyArray<AwaitRow>> = {}
  readonly texts: Record<number, string> = {}
  readonly operations: Record<number, string> = {}
  readonly loop: number

  constructor(loop: number) {
    this.loop = loop
  }
}
