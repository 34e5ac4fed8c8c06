/**
 * What was measured, and where.
 */
import { readFileSync } from "node:fs"
import { findPackageJSON } from "node:module"
import { cpus, totalmem } from "node:os"

/** The installed version of a package that this one depends on. */
export const versionOf = (name: string): string => {
  const path = findPackageJSON(name, import.meta.url)
  if (path === undefined) throw new Error(`${name} is not installed`)
  return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version
}

export interface Machine {
  readonly node: string
  readonly v8: string
  readonly platform: string
  readonly cpu: string
  readonly cores: number
  readonly gigabytes: number
}

export const machine = (): Machine => ({
  node: process.version,
  v8: process.versions.v8,
  platform: `${process.platform} ${process.arch}`,
  cpu: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  gigabytes: Math.round(totalmem() / 2 ** 30)
})
