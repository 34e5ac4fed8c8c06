/**
 * What the modes of `npm run bench` find out, as it is kept in JSON.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { Result } from "./measure.ts"
import type { HostFigures } from "./hostProgram.ts"
import type { Imports } from "./imports.ts"
import type { Growth } from "./scaling.ts"
import type { RunFigures } from "./runs.ts"
import type { Machine } from "./versions.ts"

export interface Header {
  readonly machine: Machine
  /** ISO date. */
  readonly measured: string
  /** Versions of what was measured, by peer. */
  readonly versions: Readonly<Record<string, Readonly<Record<string, string>>>>
}

export interface Comparison extends Header {
  readonly results: ReadonlyArray<Result>
}

export interface Scaling extends Header {
  readonly growth: ReadonlyArray<Growth>
}

/** A run of the goals of which nothing is kept but the figures. */
export interface OtherRun {
  readonly measured: string
  readonly load: number
  readonly figures: RunFigures
}

export interface Goals extends Header {
  readonly results: ReadonlyArray<Result>
  readonly growth: ReadonlyArray<Growth>
  readonly imports: Imports
  /** How many programs wanted a processor, on average, the benchmark among them. */
  readonly load?: number
  /** What other runs of the same code said, in their order. */
  readonly again?: ReadonlyArray<OtherRun>
}

/** Bytes per operation, by peer and program. They hold for one version of V8. */
export interface Allocations {
  readonly node: string
  readonly v8: string
  readonly bytesPerOperation: Readonly<Record<string, Readonly<Record<string, number>>>>
}

/** What our own rows cost on other hosts; packages/tools/runtimes/benchHosts.ts measures and keeps it. */
export interface Hosts extends Header {
  /** By library and host: nanoseconds per operation by workload, or why there are none. */
  readonly figures: Readonly<Record<string, Readonly<Record<string, HostFigures | string>>>>
}

export interface Records {
  readonly comparison: Comparison
  readonly goals: Goals
  readonly scaling: Scaling
  readonly allocations: Allocations
  readonly hosts: Hosts
}

export type RecordName = keyof Records

const pathOf = (mode: RecordName): string =>
  fileURLToPath(new URL(mode === "allocations" ? "../allocations.json" : `../results/${mode}.json`, import.meta.url))

export const readRecord = <M extends RecordName>(mode: M): Records[M] =>
  JSON.parse(readFileSync(pathOf(mode), "utf8")) as Records[M]

export const toJson = (record: Records[RecordName]): string => `${JSON.stringify(record, shorten, 2)}\n`

// Six digits are more than any of these figures is good for.
const shorten = (_: string, value: unknown): unknown =>
  typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value

export const saveRecord = (mode: RecordName, record: Records[RecordName]): void =>
  writeFileSync(pathOf(mode), toJson(record))
