/**
 * `record` and `profile`: what a process has done, and what it computes.
 */
import { closeSync, createWriteStream, lstatSync, openSync, rmSync, writeFileSync } from "node:fs"
import { constants } from "node:os"
import { pipeline } from "node:stream/promises"
import type { Talk } from "../client/talking.ts"
import { InspectError } from "../errors.ts"
import { busyRows, type BusyRow, nobody, samplesOf } from "../profile/cpuProfile.ts"
import { speedscopeOf, splitProfile } from "../profile/files.ts"
import type { ProfilePiece, TracePiece } from "../protocol.ts"
import { duration } from "../text/durations.ts"
import { printable, printableJson } from "../text/printable.ts"
import { table } from "../text/table.ts"
import { type CommonOptions, type Io, printJson, printTable } from "./io.ts"
import { connected } from "./show.ts"

export interface RecordCommandOptions extends CommonOptions {
  readonly out?: string
}

/** What is added to the time that was asked for, until an answer has to be there. */
const patience = 10_000

/** The process is silent for as long as it was asked to be, which is told instead of that it is busy. */
const waiting = (io: Io, options: CommonOptions, millis: number): readonly [Io, CommonOptions] => [
  {
    ...io,
    err: (text) => io.err(text.startsWith("waiting:") ? `it takes ${duration(millis)}, or until Ctrl-C\n` : text)
  },
  { ...options, timeout: millis + (options.timeout ?? patience) }
]

/** A second Ctrl-C is none before so many milliseconds are over: `npx` passes on what the terminal has sent already. */
const untilSecond = 500

/** Has Ctrl-C end what takes its time, so that what there is by then is the result. A second one leaves at once. */
const untilInterrupted = async <A>(io: Io, connection: Talk, use: () => Promise<A>): Promise<A> => {
  const begun = performance.now()
  let ended: number | undefined
  const interrupt = () => {
    const now = performance.now()
    if (ended === undefined) {
      ended = now
      connection.enough()
      io.err(`ended by Ctrl-C after ${duration(now - begun)}: what was recorded is written; once more leaves at once\n`)
    } else if (now - ended > untilSecond) process.exit(128 + constants.signals.SIGINT)
  }
  process.on("SIGINT", interrupt)
  try {
    return await use()
  } finally {
    process.off("SIGINT", interrupt)
  }
}

export const record = async (
  io: Io,
  target: string,
  millis: number | undefined,
  options: RecordCommandOptions
): Promise<number> => {
  const lasting = millis ?? 5000
  const { out } = options
  if (out !== undefined) checkWritable(out)
  const [quiet, patient] = waiting(io, options, lasting)
  return connected(quiet, target, patient, async (connection) => {
    let events = 0
    async function* texts() {
      let head = ""
      for await (const piece of connection.request({
        request: "record",
        millis: lasting,
        last: millis
      }) as AsyncIterable<TracePiece>) {
        if ("trace" in piece) {
          head = printableJson(piece.trace).slice(1)
          yield `{"traceEvents":[`
        } else yield piece.events.map((event) => `${events++ === 0 ? "" : ","}\n${printableJson(event)}`).join("")
      }
      yield `],${head}\n`
    }
    await untilInterrupted(io, connection, async () => {
      if (out !== undefined) return await write(out, texts())
      for await (const text of texts()) await io.out(text)
    })
    if (out !== undefined) {
      io.err(
        `${events === 1 ? "1 event is" : `${events} events are`} in ${out}: open it in https://ui.perfetto.dev, or in the developer tools of Chromium, under Performance\n`
      )
    }
    return 0
  })
}

/** Refuses what cannot be written, before the user waits for what is to be in it. Nothing is changed of what is there. */
const checkWritable = (path: string): void => {
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false })
    // To open a pipe waits for a reader of it.
    if (stat !== undefined && !stat.isFile()) return
    closeSync(openSync(path, "a"))
    if (stat === undefined) rmSync(path)
  } catch (error) {
    throw cannotWrite(path, error)
  }
}

/** Writes a file when the first of its texts is there. */
const write = async (path: string, texts: AsyncGenerator<string>): Promise<void> => {
  const first = await texts.next()
  async function* all() {
    yield String(first.value)
    yield* texts
  }
  await pipeline(all, createWriteStream(path)).catch((error: unknown) => {
    throw error instanceof InspectError ? error : cannotWrite(path, error)
  })
}

const cannotWrite = (path: string, error: unknown): InspectError =>
  new InspectError(`cannot write ${printable(path)}: ${error instanceof Error ? error.message : String(error)}`)

export const profile = async (
  io: Io,
  target: string,
  millis = 5000,
  options: RecordCommandOptions
): Promise<number> => {
  const { json, out } = options
  if (out !== undefined && !/\.(cpuprofile|json)$/.test(out))
    throw new InspectError("give --out a name that ends with .cpuprofile, for Chromium, or .json, for speedscope", 2)
  if (out !== undefined) checkWritable(out)
  const [quiet, patient] = waiting(io, options, millis)
  return connected(quiet, target, patient, async (connection) => {
    const { profile: taken, steps } = await untilInterrupted(io, connection, () =>
      connection.ask<ProfilePiece>({ request: "profile", millis })
    )
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
