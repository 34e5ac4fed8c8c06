/**
 * What it takes to import a package into a new process: CPU time, of all its threads. `node imports.ts SPECIFIER` prints it,
 * in milliseconds.
 */
import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { type Summary, summarize } from "./statistics.ts"

const script = fileURLToPath(import.meta.url)

const specifiers = { effect: "effect/Effect", core: "@effect-asyncio/core", compat: "@effect-asyncio/compat" } as const

/** Milliseconds of CPU time: of what every program with Effect imports, and of what the two import with it. */
export type Imports = Readonly<Record<keyof typeof specifiers, Summary & { readonly rounds?: ReadonlyArray<number> }>>

const measureOnce = (specifier: string): number =>
  Number(
    execFileSync(process.execPath, ["--disable-warning=ExperimentalWarning", script, specifier], { encoding: "utf8" })
  )

const figures = (rounds: ReadonlyArray<number>) => ({ ...summarize(rounds), rounds })

/** Imports each in turn, in processes of their own: what is in the system's cache is so for all. */
export const measureImports = (rounds: number): Imports => {
  const names = Object.keys(specifiers) as Array<keyof typeof specifiers>
  const values = { effect: [] as Array<number>, core: [] as Array<number>, compat: [] as Array<number> }
  for (let round = 0; round < rounds; round++) {
    for (const name of names) values[name].push(measureOnce(specifiers[name]))
  }
  return { effect: figures(values.effect), core: figures(values.core), compat: figures(values.compat) }
}

if (process.argv[1] === script) {
  const before = process.cpuUsage()
  await import(process.argv[2]!)
  const { system, user } = process.cpuUsage(before)
  console.log((system + user) / 1000)
}
