/**
 * The command line: which commands there are, and what they take.
 */
import { Command, CommanderError, InvalidArgumentError } from "commander"
import type { CancelOptions } from "./commands/cancel.ts"
import type { DashboardCommandOptions } from "./commands/dashboard.ts"
import type { CommonOptions, Io } from "./commands/io.ts"
import type { LeaksOptions } from "./commands/leaks.ts"
import type { RecordCommandOptions } from "./commands/record.ts"
import type { TopOptions } from "./commands/top.ts"
import { InspectError } from "./errors.ts"
import { UnsafePath } from "./folder.ts"
import { ownVersion } from "./version.ts"

const examples = `
Examples:
  $ node --import @effect-asyncio/inspect/register server.js &
  $ npx @effect-asyncio/inspect list
  $ npx @effect-asyncio/inspect ps server.js
  $ npx @effect-asyncio/inspect ps 4711 --wide
  $ npx @effect-asyncio/inspect ps 4711 --attach
  $ npx @effect-asyncio/inspect where 4711 worker
  $ npx @effect-asyncio/inspect leaks 4711
  $ npx @effect-asyncio/inspect cancel 4711 --label job=17 --reason "takes too long"
  $ npx @effect-asyncio/inspect cancel 4711 --tree session --kind shutdown --wait 30s
  $ npx @effect-asyncio/inspect dump 4711 > dump.json
  $ npx @effect-asyncio/inspect top server.js --sort busy
  $ npx @effect-asyncio/inspect dashboard --allow-cancel
  $ npx @effect-asyncio/inspect pstree cluster:jobs
  $ npx @effect-asyncio/inspect record 4711 10s --out trace.json
  $ npx @effect-asyncio/inspect profile 4711 5s --out busy.cpuprofile

A process is given by its number, or by its name if only one is called so; a task by its number or its name. A cluster is given
like a process, by its place or its name as \`list\` shows them. Where a name looks like a number, name:17 or number:17 says which it is.
Exit codes: 0 done, 1 not possible (no such process or task, a ring of tasks, a task that did not end) or leaks found, 2
asked for wrongly, 3 the process does not answer.
`

const attachHelp = "by SIGUSR1 and the inspector of Node.js: of a process that does not import register; Linux only"

/** Timers of the host take no more than twice as much and some seconds: for a longer time they go off at once. */
const longest = 10 * 24 * 3_600_000

/** A time on the command line, in milliseconds. */
export const millis = (text: string): number => {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text)
  if (match === null) throw new InvalidArgumentError("give it a time: 500ms, 5s, 1m, 1h.")
  const time = Number(match[1]) * { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[match[2] ?? "s"]!
  if (time > longest) throw new InvalidArgumentError("give it a time of 10 days, 240h, at most.")
  return time
}

const port = (text: string): number => {
  const value = Number(text)
  if (/^\d+$/.test(text) && value < 65_536) return value
  throw new InvalidArgumentError("give it a number from 0 to 65535.")
}

const wholeNumber = (text: string): number => {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new InvalidArgumentError("give it a whole number.")
}

// Each is loaded when it is asked for: to load them all takes longer than most of them do.
const show = () => import("./commands/show.ts")
const recording = () => import("./commands/record.ts")

/** What to give where something is missing. */
const wayOut = ({ message }: CommanderError, args: ReadonlyArray<string>): string => {
  if (args.includes("--label")) return "--label takes all that follows it: give the process before it\n"
  return message.includes("'task'") ? "`ps` shows which there are\n" : "`list` shows which there are\n"
}

/** A command line that is read: where commands are added, and how one runs. */
interface Line {
  readonly io: Io
  /** A command, with the options that all have. */
  readonly common: (name: string, description: string) => Command
  /** Keeps the exit code. */
  readonly run: (work: Promise<number>) => Promise<void>
}

/** Those that print what is there. */
const lookCommands = ({ common, io, run }: Line): void => {
  common("list", "the processes of this machine that can be looked into").action(async (options: CommonOptions) =>
    run((await import("./commands/list.ts")).list(io, options))
  )
  common("ps", "its tasks as a table, as python -m asyncio ps prints them")
    .argument("<process>", "its number or its name")
    .option("--wide", "with ages, creators, labels and cancellations")
    .option("--attach", attachHelp)
    .action(async (target: string, options: CommonOptions) => run((await show()).ps(io, target, options)))
  common("pstree", "its tasks as a tree, as python -m asyncio pstree prints them")
    .argument("<process>", "its number or its name")
    .option("--attach", attachHelp)
    .action(async (target: string, options: CommonOptions) => run((await show()).tree(io, target, options)))
  common("where", "what a task waits for, who waits for it, who has created it, and who has asked it to stop")
    .argument("<process>", "its number or its name")
    .argument("<task>", "its number or its name")
    .option("--attach", attachHelp)
    .action(async (target: string, task: string, options: CommonOptions) =>
      run((await show()).where(io, target, task, options))
    )
  common("leaks", "tasks that nothing can wake any more; the process stands still while its heap is written")
    .argument("<process>", "its number or its name")
    .option("--max-heap <megabytes>", "not where its heap is larger than that (1000)", wholeNumber)
    .action(async (target: string, options: LeaksOptions) =>
      run((await import("./commands/leaks.ts")).leaks(io, target, options))
    )
}

/** The one that changes something. */
const cancelCommand = ({ common, io, run }: Line): void => {
  common("cancel", "asks tasks to cancel themselves, and waits for their ends")
    .argument("<process>", "its number or its name")
    .argument("[task]", "its number or its name")
    .option("--label <key=value...>", "those that have all of these labels")
    .option("--tree <task>", "a task, and all that it has created")
    .option("--reason <text>", "what the CancelledError says")
    .option(
      "--kind <kind>",
      "what kind of stop it is for the program: requested, shutdown, interrupt, disconnect, or its own"
    )
    .option("--wait <time>", "how long to wait for their ends", millis, 5000)
    .action(async (target: string, task: string | undefined, options: CancelOptions) =>
      run((await import("./commands/cancel.ts")).cancel(io, target, task, options))
    )
}

/** Those whose data other programs read. */
const fileCommands = ({ common, io, run }: Line): void => {
  common("record", "what its tasks have done, for Perfetto and Chromium")
    .argument("<process>", "its number or its name")
    .argument("[time]", "how long, or how much of what it has recorded already", millis)
    .option("--out <file>", "writes into a file")
    .action(async (target: string, time: number | undefined, options: RecordCommandOptions) =>
      run((await recording()).record(io, target, time, options))
    )
  common("profile", "which task is on the processor, and for how long")
    .argument("<process>", "its number or its name")
    .argument("[time]", "how long", millis, 5000)
    .option("--out <file>", "a .cpuprofile for Chromium, or a .json for speedscope")
    .action(async (target: string, time: number, options: RecordCommandOptions) =>
      run((await recording()).profile(io, target, time, options))
    )
  common("dump", "everything as JSON")
    .argument("<process>", "its number or its name")
    .option("--attach", attachHelp)
    .action(async (target: string, options: CommonOptions) => run((await show()).dump(io, target, options)))
}

/** Those that go on until they are stopped. */
const longCommands = ({ common, io, run }: Line): void => {
  common("top", "its tasks on a screen that lives, with what they cost")
    .argument("[process]", "its number or its name, if there are several")
    .option("--sort <column>", "by which column; with a - before it in the other direction", "id")
    .option("--filter <text>", "only tasks with this in their name or labels", "")
    .option("--once", "prints one frame")
    .action(async (target: string | undefined, options: TopOptions) =>
      run((await import("./commands/top.ts")).top(io, target, options))
    )
  common("cluster", "lets a cluster be looked into of which no process is on this machine, until Ctrl-C")
    .argument("[address]", "postgresql://..., or the file of an embedded one; EFFECT_ASYNCIO_CLUSTER by default")
    .action(async (address: string | undefined, options: CommonOptions) =>
      run((await import("./commands/cluster.ts")).cluster(io, address, options))
    )
  common("dashboard", "a page on which processes are seen at work, until Ctrl-C")
    .argument("[process...]", "their numbers or names; all that can be looked into by default")
    .option("--port <port>", "which port of this machine; any that is free by default", port, 0)
    .option("--host <address>", "which address of this machine to listen on", "127.0.0.1")
    .option("--allow-cancel", "lets the page cancel tasks")
    .option("--no-open", "opens no browser")
    .action(async (targets: ReadonlyArray<string>, options: DashboardCommandOptions) =>
      run((await import("./commands/dashboard.ts")).dashboard(io, targets, options))
    )
}

/** Runs a command line, and gives the exit code. */
export const command = async (args: ReadonlyArray<string>, io: Io): Promise<number> => {
  let exitCode = 0
  const run = (work: Promise<number>) => work.then((code) => void (exitCode = code))
  const program = new Command("effect-asyncio-inspect")
    .description("Looks into running programs of @effect-asyncio/core and @effect-asyncio/compat.")
    .version(ownVersion())
    .addHelpText("after", examples)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void Promise.resolve(io.out(text)).catch(() => {}),
      writeErr: io.err,
      getOutHasColors: () => io.colors,
      getErrHasColors: () => io.colors
    })
  const common = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .option("--json", "prints data instead of text")
      .option("--timeout <time>", "how long to wait for an answer", millis)

  const line = { io, common, run }
  lookCommands(line)
  cancelCommand(line)
  fileCommands(line)
  longCommands(line)

  try {
    await program.parseAsync(args, { from: "user" })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.code === "commander.missingArgument") io.err(wayOut(error, args))
      return error.exitCode === 0 ? 0 : 2
    }
    if (error instanceof InspectError || error instanceof UnsafePath) {
      io.err(`${error.message}\n`)
      return error instanceof InspectError ? error.exitCode : 1
    }
    throw error
  }
}
