/**
 * What the modes of `npm run bench` find out, as it is kept in JSON.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { Mode } from "./options.ts"
import type { Result } from "./measure.ts"
import type { Growth } from "./scaling.ts"
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

export interface Targets extends Header {
  readonly results: ReadonlyArray<Result>
  readonly growth: ReadonlyArray<Growth>
}

/** Bytes per operation, by peer and program. They hold for one version of V8. */
export interface Allocations {
  readonly node: string
  readonly v8: string
  readonly bytesPerOperation: Readonly<Record<string, Readonly<Record<string, number>>>>
}

export interface Records {
  readonly comparison: Comparison
  readonly targets: Targets
  readonly scaling: Scaling
  readonly allocations: Allocations
}

const pathOf = (mode: Mode): string =>
  fileURLToPath(new URL(mode === "allocations" ? "../allocations.json" : `../results/${mode}.json`, import.meta.url))

export const readRecord = <M extends Mode>(mode: M): Records[M] =>
  JSON.parse(readFileSync(pathOf(mode), "utf8")) as Records[M]

export const toJson = (record: Records[Mode]): string => `${JSON.stringify(record, shorten, 2)}\n`

// Six digits are more than any of these figures is good for.
const shorten = (_: string, value: unknown): unknown =>
  typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value

export const saveRecord = (mode: Mode, record: Records[Mode]): void => writeFileSync(pathOf(mode), toJson(record))
