// Cancels the programs of the pages everywhere, and has the outside decide otherwise: each main that a page gives to `asyncio.run` is
// swept and explored instead. Paths of modules of docs/.examples as JSON on stdin; on stdout, as JSON, for each what was found first, or
// how many runs it took.
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { text } from "node:stream/consumers"
import { pathToFileURL } from "node:url"
import { explore, sweep } from "@effect-asyncio/testing"
import * as core from "@effect-asyncio/testing/core"

export interface Swept {
  readonly path: string
  readonly runs: number
  readonly found: string | undefined
}

// A page shows what a program does, which is not to end its tasks: `run` cancels them.
const options = { picture: false, ignore: ["tasks"] } as const

// How many schedules of each are tried: sleeps and equal deadlines are all that these programs leave to the outside.
const schedules = 20

const nameOfSweep = "sweep of the programs of the pages"

const sweepFile = async (path: string): Promise<Swept> => {
  const code = readFileSync(path, "utf8")
  const isCore = code.includes(`"@effect-asyncio/core"`)
  let runs = 0
  let found: string | undefined
  const host = globalThis as unknown as Record<string, (main: never) => Promise<void>>
  host[nameOfSweep] = async (main) => {
    try {
      const searches = isCore ? core : { explore, sweep }
      runs += (await searches.sweep(main, options)).runs
      runs += (await searches.explore(main, { ...options, schedules })).runs
    } catch (error) {
      found ??= String(error)
      throw error
    }
  }
  const file = path.replace(/\.ts$/, `.swept.${process.pid}.ts`)
  writeFileSync(file, code.replaceAll("asyncio.run(", `globalThis[${JSON.stringify(nameOfSweep)}](`))
  try {
    await import(pathToFileURL(file).href)
  } catch (error) {
    found ??= String(error)
  } finally {
    rmSync(file)
  }
  return { path, runs, found }
}

const { stderr, stdout } = process
const answer = stdout.write.bind(stdout)
for (const stream of [stdout, stderr]) stream.write = () => true

const results: Array<Swept> = []
for (const path of JSON.parse(await text(process.stdin)) as ReadonlyArray<string>) results.push(await sweepFile(path))
answer(JSON.stringify(results), () => process.exit())
