// Loads core's sources with the mutant whose number is given, and searches with the programs of ourOwn.test.ts until one finds it. Prints
// a `Hunt` as JSON.
import { readFileSync } from "node:fs"
import { registerHooks, stripTypeScriptTypes } from "node:module"
import { fileURLToPath } from "node:url"
import type { ProgramFailure } from "@effect-asyncio/testing"
import type { Search } from "./collected.ts"
import { type Hunt, mutants } from "./mutants.ts"

const { file, guard, programs, rest } = mutants[Number(process.argv[2])]!
const mutated = new URL(`../../../core/src/${file}`, import.meta.url).href

registerHooks({
  resolve: (specifier, context, next) =>
    next(
      specifier === "@effect-asyncio/testing/vitest" ? new URL("collected.ts", import.meta.url).href : specifier,
      context
    ),
  load: (url, context, next) => {
    if (url !== mutated) return next(url, context)
    const before = readFileSync(fileURLToPath(url), "utf8")
    if (before.split(guard).length !== 2) throw new Error(`${file} has not exactly one of: ${guard}`)
    return { format: "module", shortCircuit: true, source: stripTypeScriptTypes(before.replace(guard, rest)) }
  }
})

const { searches } = await import("./collected.ts")
await import("../ourOwn.test.ts")

/** First as they are, then with one cancellation each, then with two: most are found by one. */
const search = async (): Promise<Hunt> => {
  let runs = 0
  const chosen = (searches as ReadonlyArray<Search>).filter(({ name }) => name.startsWith(programs))
  for (const cancellations of [0, 1, 2] as const) {
    for (const { begin, name } of chosen) {
      try {
        runs += (await begin(cancellations)).runs
      } catch (error) {
        const { runs: last = 1 } = error as Partial<ProgramFailure>
        return { program: name, runs: runs + last, isPlain: cancellations === 0 }
      }
    }
  }
  return { program: undefined, runs, isPlain: false }
}

process.stdout.write(JSON.stringify(await search()), () => process.exit())
