/**
 * The command line of `npm run bench`.
 */
import { parseArgs } from "node:util"
import { peerNames } from "./driver.ts"
import { type Workload, workloads } from "./workloads.ts"

export const usage = `Measures this library beside its peers, in turn, in one run.

  npm run bench                    every workload for every peer
  npm run bench -- --goals         what the library is to reach, and what it reaches: about ten minutes
  npm run bench -- --scaling       how the cost of each workload grows with its size
  npm run bench -- --allocations   bytes allocated per operation: the same on a busy machine

  --quick          small sizes and one round: does everything still work
  --only NAME      workloads whose name contains NAME
  --peer NAME      only this peer; may be given more than once: ${peerNames.join(", ")}
  --rounds N       rounds that count (default: 7)
  --largest N      with --scaling, sizes up to N (default: all, up to a million)
  --json FILE      the figures as JSON too
  --again          with --goals, one more run of the code whose run is kept: its figures are kept beside
  --save           the figures into packages/benchmarks/results, or allocations.json, for \`npm run dev -- bench:docs\`

Exits with 1 when a peer fails, with 2 when the arguments make no sense. Nothing that is timed decides how it exits.`

/** What is wrong with the command line. */
export class UsageError extends Error {}

export type Mode = "comparison" | "goals" | "scaling" | "allocations"

export interface Options {
  readonly mode: Mode
  readonly quick: boolean
  readonly workloads: ReadonlyArray<Workload>
  /** Undefined: those that the mode is about. */
  readonly peers: ReadonlyArray<string> | undefined
  readonly rounds: number
  /** The largest size of `scaling`. */
  readonly largest: number
  readonly json: string | undefined
  readonly save: boolean
  /** Of the goals: keep the verdicts as those of a second run. */
  readonly again: boolean
}

/** Reads the command line; `undefined` when it asks for help. Throws a {@link UsageError} that says what to do. */
export const parseOptions = (args: ReadonlyArray<string>): Options | undefined => {
  const values = parseValues(args)
  if (values.help === true) return undefined
  const quick = values.quick ?? false
  const options = {
    mode: parseMode(values),
    quick,
    workloads: parseOnly(values.only ?? ""),
    peers: values.peer === undefined ? undefined : parsePeers(values.peer),
    rounds: parseWhole("--rounds", values.rounds ?? (quick ? "1" : "7"), 1),
    largest: values.largest === undefined ? (quick ? 10_000 : Infinity) : parseWhole("--largest", values.largest, 1000),
    json: values.json,
    save: values.save ?? false,
    again: values.again ?? false
  }
  if (options.save && (quick || options.peers !== undefined || values.only !== undefined)) {
    throw new UsageError("--save keeps what a whole run measured: it takes no --quick, --only or --peer")
  }
  if (options.again && (options.save || quick || options.mode !== "goals")) {
    throw new UsageError("--again is for one more whole run of --goals: it takes no --save and no --quick")
  }
  return options
}

const parseValues = (args: ReadonlyArray<string>) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        goals: { type: "boolean" },
        scaling: { type: "boolean" },
        allocations: { type: "boolean" },
        quick: { type: "boolean" },
        only: { type: "string" },
        peer: { type: "string", multiple: true },
        rounds: { type: "string" },
        largest: { type: "string" },
        json: { type: "string" },
        save: { type: "boolean" },
        again: { type: "boolean" },
        help: { type: "boolean", short: "h" }
      }
    }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

const parseMode = (values: ReturnType<typeof parseValues>): Mode => {
  const given = (["goals", "scaling", "allocations"] as const).filter((name) => values[name] === true)
  if (given.length > 1) throw new UsageError(`--${given.join(" and --")} exclude each other`)
  if (given[0] !== undefined && given[0] !== "scaling" && (values.only !== undefined || values.peer !== undefined)) {
    throw new UsageError(`--${given[0]} has workloads and peers of its own: it takes no --only and no --peer`)
  }
  return given[0] ?? "comparison"
}

const parseOnly = (part: string): ReadonlyArray<Workload> => {
  const found = workloads.filter(({ name }) => name.toLowerCase().includes(part.toLowerCase()))
  if (found.length > 0) return found
  const names = workloads.map(({ name }) => `  ${name}`).join("\n")
  throw new UsageError(`--only ${part}: no workload's name contains that. There is\n${names}`)
}

const parsePeers = (names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const unknown = names.find((name) => !peerNames.includes(name))
  if (unknown !== undefined) throw new UsageError(`--peer ${unknown}: there is ${peerNames.join(", ")}`)
  return peerNames.filter((name) => names.includes(name))
}

const parseWhole = (option: string, text: string, least: number): number => {
  const number = Number(text)
  if (Number.isInteger(number) && number >= least) return number
  throw new UsageError(`${option} takes a whole number from ${least}, not ${JSON.stringify(text)}`)
}
