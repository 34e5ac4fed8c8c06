/**
 * The command line of the conformance run.
 */
import { existsSync } from "node:fs"
import { availableParallelism } from "node:os"
import { parseArgs } from "node:util"
import { type Candidate, fromCommand, implementations } from "./candidate.ts"
import { type Feature, type Focus, focuses, isFocus, parseFeatures } from "./features.ts"
import type { Size } from "./script.ts"

/** Words in lines that are as long as the others, below an option. */
const listed = (words: ReadonlyArray<string>): string => {
  const lines = [""]
  for (const word of words) {
    const last = lines.at(-1) ?? ""
    if (last.length + word.length > 70) lines.push(word)
    else lines[lines.length - 1] = last === "" ? word : `${last}, ${word}`
  }
  return lines.map((line) => `                         ${line}`).join("\n")
}

export const usage = `Compares an implementation with CPython 3.14, script by script.

  npm run conformance -- --seeds 1..5000           generated scripts, by seed
  npm run conformance -- --scripts FILE[,FILE]     scripts from files, recorded traces ("expect") are not asked for again

  --impl NAME          implementation to compare: ${Object.keys(implementations).join(", ")} (default: core)
  --cmd "COMMAND"      any other one: reads scripts as JSONL on stdin, writes answers as JSONL on stdout (SPEC.md)
  --features LIST      only scripts with these features: core,queues or -eager,-context; groups and sync are families
  --focus SUBJECT      generated scripts turn around it: a feature, or how requests to end meet ("requests"); one of:
${listed(focuses)}
  --size SIZE          small, medium, large or mix (default)
  --borders            parts of the scripts cross the border between Effects and async functions, and back
  --strict             only scripts that depend neither on the order of equal timers nor on that of sets
  --report N           shrink and show N divergences of different kinds (default: 1)
  --no-shrink          show them as they are
  --out FOLDER         save diverging scripts there, NAME.json, and what they shrink to, NAME.shrunk.json
  --jobs N             worker threads with CPython (default: one per processor, at most 4)
  --time-limit SECONDS compare what fits into this time

Exits with 1 when anything diverges, with 2 when the arguments make no sense.`

/** What is wrong with the command line. */
export class UsageError extends Error {}

export interface Options {
  readonly source: { readonly seeds: readonly [from: number, to: number] } | { readonly files: ReadonlyArray<string> }
  readonly candidate: Candidate
  readonly features: ReadonlyArray<Feature> | undefined
  readonly focus: Focus | undefined
  readonly size: Size | "mix"
  readonly borders: boolean
  readonly strict: boolean
  readonly report: number
  readonly shrink: boolean
  readonly out: string | undefined
  readonly jobs: number
  readonly timeLimit: number | undefined
}

/** Reads the command line; `undefined` when it asks for help. Throws a {@link UsageError} that says what to do. */
export const parseOptions = (args: ReadonlyArray<string>): Options | undefined => {
  const values = parseValues(args)
  if (values.help === true) return undefined
  return {
    source: parseSource(values.seeds, values.scripts),
    candidate: parseCandidate(values.impl, values.cmd),
    features: values.features === undefined ? undefined : parseFeatureList(values.features),
    focus: values.focus === undefined ? undefined : parseFocus(values.focus),
    size: parseSize(values.size),
    borders: values.borders ?? false,
    strict: values.strict ?? false,
    report: parseWhole("--report", values.report ?? "1", 0),
    shrink: values["no-shrink"] !== true,
    out: values.out,
    jobs: parseWhole("--jobs", values.jobs ?? String(Math.min(availableParallelism(), 4)), 1),
    timeLimit: values["time-limit"] === undefined ? undefined : parseWhole("--time-limit", values["time-limit"], 1)
  }
}

const parseValues = (args: ReadonlyArray<string>) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        seeds: { type: "string" },
        scripts: { type: "string" },
        impl: { type: "string" },
        cmd: { type: "string" },
        features: { type: "string" },
        focus: { type: "string" },
        size: { type: "string" },
        borders: { type: "boolean" },
        strict: { type: "boolean" },
        report: { type: "string" },
        "no-shrink": { type: "boolean" },
        out: { type: "string" },
        jobs: { type: "string" },
        "time-limit": { type: "string" },
        help: { type: "boolean", short: "h" }
      }
    }).values
  } catch (error) {
    const { message } = error as Error
    throw new UsageError(message.includes("--focus") ? `--focus takes one of ${focuses.join(", ")}` : message)
  }
}

const parseSource = (seeds: string | undefined, scripts: string | undefined): Options["source"] => {
  if ((seeds === undefined) === (scripts === undefined)) {
    throw new UsageError("one of --seeds A..B and --scripts FILE is needed, and not both")
  }
  if (scripts !== undefined) {
    const files = scripts.split(",").filter((file) => file !== "")
    const missing = files.find((file) => !existsSync(file))
    if (missing !== undefined) throw new UsageError(`--scripts: there is no file ${JSON.stringify(missing)}`)
    return { files }
  }
  const match = /^(\d+)(?:\.\.(\d+))?$/.exec(seeds!)
  if (match === null)
    throw new UsageError(`--seeds takes a number or a range such as 1..5000, not ${JSON.stringify(seeds)}`)
  const from = Number(match[1])
  const to = Number(match[2] ?? match[1])
  if (to < from) throw new UsageError(`--seeds ${seeds} is empty: it ends before it begins`)
  return { seeds: [from, to] }
}

const parseCandidate = (name: string | undefined, command: string | undefined): Candidate => {
  if (name !== undefined && command !== undefined) throw new UsageError("--impl and --cmd exclude each other")
  if (command !== undefined) return fromCommand(command)
  const wanted = name ?? "core"
  const candidate = Object.hasOwn(implementations, wanted) ? implementations[wanted] : undefined
  if (candidate !== undefined) return candidate
  throw new UsageError(`--impl ${wanted}: there is ${Object.keys(implementations).join(", ")}, and --cmd for any other`)
}

const parseFeatureList = (list: string): Array<Feature> => {
  try {
    return parseFeatures(list)
  } catch (error) {
    throw new UsageError(`--features: ${(error as Error).message}`)
  }
}

const parseFocus = (name: string): Focus => {
  if (isFocus(name)) return name
  throw new UsageError(`--focus takes one of ${focuses.join(", ")}, and not ${JSON.stringify(name)}`)
}

const parseSize = (size = "mix"): Options["size"] => {
  if (size === "small" || size === "medium" || size === "large" || size === "mix") return size
  throw new UsageError(`--size takes small, medium, large or mix, not ${JSON.stringify(size)}`)
}

const parseWhole = (option: string, text: string, least: number): number => {
  const number = Number(text)
  if (Number.isInteger(number) && number >= least) return number
  throw new UsageError(`${option} takes a whole number from ${least}, not ${JSON.stringify(text)}`)
}
