/**
 * `record` and `profile`: what a process has done, and what it computes.
 */
import { once } from "node:events"
import { createWriteStream, writeFileSync } from "node:fs"
import { InspectError } from "../errors.ts"
import { busyRows, type BusyRow, nobody, samplesOf } from "../profile/cpuProfile.ts"
import { speedscopeOf, splitProfile } from "../profile/files.ts"
import type { ProfilePiece, TracePiece } from "../protocol.ts"
import { printable, printableJson } from "../text/printable.ts"
import { table } from "../text/table.ts"
import { type CommonOptions, type Io, printJson, printTable } from "./io.ts"
import { connected } from "./show.ts"

export interface RecordCommandOptions extends CommonOptions {
  readonly out?: string
}

/** What is added to the time that was asked for, until an answer has to be there. */
const patience = 10_000

/** The process is silent for as long as it was asked to be. */
const waiting = (io: Io, options: CommonOptions, millis: number): readonly [Io, CommonOptions] => [
  { ...io, err: (text) => (text.startsWith("waiting:") ? undefined : io.err(text)) },
  { ...options, timeout: millis + (options.timeout ?? patience) }
]

export const record = (
  io: Io,
  target: string,
  millis: number | undefined,
  options: RecordCommandOptions
): Promise<number> => {
  const lasting = millis ?? 5000
  const [quiet, patient] = waiting(io, options, lasting)
  return connected(quiet, target, patient, async (connection) => {
    const file = options.out === undefined ? undefined : createWriteStream(options.out)
    if (file !== undefined) await opened(file, options.out!)
    const out = async (text: string) => {
      if (file === undefined) await io.out(text)
      else if (!file.write(text)) await once(file, "drain")
    }
    let events = 0
    let head = ""
    for await (const piece of connection.request({
      request: "record",
      millis: lasting,
      last: millis
    }) as AsyncIterable<TracePiece>) {
      if ("trace" in piece) {
        head = printableJson(piece.trace).slice(1)
        await out(`{"traceEvents":[`)
      } else await out(piece.events.map((event) => `${events++ === 0 ? "" : ","}\n${printableJson(event)}`).join(""))
    }
    await out(`],${head}\n`)
    if (file !== undefined) {
      file.end()
      await once(file, "finish")
      io.err(
        `${events} events are in ${options.out}: open it in https://ui.perfetto.dev, or in the developer tools of Chromium, under Performance\n`
      )
    }
    return 0
  })
}

const opened = async (file: NodeJS.EventEmitter, path: string): Promise<void> => {
  try {
    await once(file, "open")
  } catch (error) {
    throw cannotWrite(path, error)
  }
}

const cannotWrite = (path: string, error: unknown): InspectError =>
  new InspectError(`cannot write ${printable(path)}: ${error instanceof Error ? error.message : String(error)}`)

export const profile = (io: Io, target: string, millis = 5000, options: RecordCommandOptions): Promise<number> => {
  const { json, out } = options
  if (out !== undefined && !/\.(cpuprofile|json)$/.test(out))
    throw new InspectError("give --out a name that ends with .cpuprofile, for Chromium, or .json, for speedscope", 2)
  const [quiet, patient] = waiting(io, options, millis)
  return connected(quiet, target, patient, async (connection) => {
    const { profile: taken, steps } = await connection.ask<ProfilePiece>({ request: "profile", millis })
    const rows = busyRows(taken, samplesOf(taken, steps))
    if (steps.cut) io.err("there were more steps than were kept: what came first belongs to no task\n")
    if (out !== undefined) {
      const file = out.endsWith(".json")
        ? speedscopeOf(taken, steps, connection.hello.name)
        : splitProfile(taken, steps)
      try {
        writeFileSync(out, `${JSON.stringify(file)}\n`)
      } catch (error) {
        throw cannotWrite(out, error)
      }
      io.err(
        `written to ${out}: ${out.endsWith(".json") ? "open it in https://www.speedscope.app" : "open it in the developer tools of Chromium, under Performance"}\n`
      )
    }
    if (json === true) await printJson(io, rows)
    else await printTable(io, table(["task", "busy ms", "%", "most of it in"], rows.map(rowOf)))
    return 0
  })
}

const rowOf = ({ busy, hottest, percent, task }: BusyRow): ReadonlyArray<string> => [
  task === undefined ? nobody : printable(task),
  busy.toFixed(1),
  percent.toFixed(1),
  printable(hottest)
]
