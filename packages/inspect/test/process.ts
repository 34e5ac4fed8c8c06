/**
 * Processes for the tests: one that can be looked into, and the command line in this process.
 */
import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn, type SpawnOptions } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll } from "vitest"
import { dumpOf } from "@effect-asyncio/inspect"
import { command } from "../src/command.ts"

const fileOf = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** What {@link withFolder} gives. */
export interface Folder {
  readonly folder: string
  readonly remove: () => void
}

/** A folder for sockets of its own. Short, because the paths of sockets have to be. */
export const withFolder = (): Folder => {
  const before = process.env.EFFECT_ASYNCIO_INSPECT_DIR
  const folder = mkdtempSync(join(tmpdir(), "inspect-"))
  process.env.EFFECT_ASYNCIO_INSPECT_DIR = folder
  return {
    folder,
    remove: () => {
      rmSync(folder, { recursive: true, force: true })
      if (before === undefined) delete process.env.EFFECT_ASYNCIO_INSPECT_DIR
      else process.env.EFFECT_ASYNCIO_INSPECT_DIR = before
    }
  }
}

export interface Program {
  readonly child: ChildProcessWithoutNullStreams
  readonly pid: number
  /** The line that it has printed. */
  readonly first: string
  /** Resolves with the next line that it prints. */
  readonly line: () => Promise<string>
  readonly end: () => Promise<void>
}

/** Starts a program of `programs/`, and waits for its first line. */
export const start = (name: string, env: NodeJS.ProcessEnv = {}, ...args: ReadonlyArray<string>): Promise<Program> => {
  const register = new URL("../src/register.ts", import.meta.url).href
  return begin(["--import", register, fileOf(`./programs/${name}`), ...args], env)
}

/** The same for one that has nothing of the package. */
export const startPlain = (name: string, ...args: ReadonlyArray<string>): Promise<Program> =>
  // A port for its inspector that nobody else has.
  begin(["--inspect-port=127.0.0.1:0", fileOf(`./programs/${name}`), ...args], {}, false)

/** The command line in a process of its own, which prints a line and goes on. */
export const startTool = (env: NodeJS.ProcessEnv, ...args: ReadonlyArray<string>): Promise<Program> =>
  begin([fileOf("../src/main.ts"), ...args], env)

/** The same to its end. */
export const runTool = async (env: NodeJS.ProcessEnv, ...args: ReadonlyArray<string>): Promise<Printed> => {
  const child = spawnHere([fileOf("../src/main.ts"), ...args], env)
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")])
  return { code: code as number, out, err }
}

/** The same of which somebody reads the beginning, and goes. */
export const runToolInto = async (stdout: "head" | number, ...args: ReadonlyArray<string>): Promise<Printed> => {
  const child = spawnTool({ stdio: ["ignore", stdout === "head" ? "pipe" : stdout, "pipe"] }, ...args)
  const closed = once(child, "close")
  child.stdout?.once("data", () => child.stdout?.destroy())
  const err = await text(child.stderr!)
  const [code] = await closed
  return { code: code as number, out: "", err }
}

/** The command line in a process of its own. */
export const spawnTool = (options: SpawnOptions, ...args: ReadonlyArray<string>): ChildProcess =>
  spawn(process.execPath, [...here, fileOf("../src/main.ts"), ...args], options)

const here = ["--conditions=@effect-asyncio/source", "--no-warnings"]

const spawnHere = (given: ReadonlyArray<string>, env: NodeJS.ProcessEnv): ChildProcessWithoutNullStreams =>
  spawn(process.execPath, [...here, ...given], {
    env: { ...process.env, ...env }
  })

const begin = async (given: ReadonlyArray<string>, env: NodeJS.ProcessEnv, isHeard = true): Promise<Program> => {
  const child = spawnHere(given, env)
  // Node.js says there that its inspector is open.
  if (isHeard) child.stderr.pipe(process.stderr)
  else child.stderr.resume()
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const line = async () => String((await lines.next()).value)
  const first = await line()
  return {
    child,
    pid: child.pid!,
    first,
    line,
    end: async () => {
      const closed = once(child, "close")
      child.kill("SIGKILL")
      await closed
    }
  }
}

export interface Printed {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs a command line, and gives what it prints. */
export const cli = async (...args: ReadonlyArray<string>): Promise<Printed> => {
  let out = ""
  let err = ""
  const io = { out: (text: string) => void (out += text), err: (text: string) => void (err += text), colors: false }
  const code = await command(args, io)
  return { code, out, err }
}

/** What a command prints with `--json`. */
export const json = async (...args: ReadonlyArray<string>): Promise<any> =>
  JSON.parse((await cli(...args, "--json")).out)

/** Waits until so many tasks of a program wait for something: what it begins with is over then. */
export const untilWaiting = async ({ pid }: Program, tasks: number): Promise<void> => {
  for (;;) {
    const { loops } = await dumpOf(pid)
    if (
      loops.flatMap((loop) => loop.tasks).filter(({ waits }) => waits.some(({ kind }) => kind !== "iteration"))
        .length >= tasks
    )
      return
  }
}

/** What {@link withService} gives: there from the first test on. */
export interface Service {
  readonly program: Program
  readonly files: ReturnType<typeof withFolder>
}

/** `service.ts` for all tests of a file or a group: begun before them, when all of its tasks wait, and ended behind them. */
export const withService = (env?: NodeJS.ProcessEnv): Service => {
  const service = {} as { -readonly [Name in keyof Service]: Service[Name] }
  beforeAll(async () => {
    service.files = withFolder()
    service.program = await start("service.ts", env)
    await untilWaiting(service.program, 11)
  })
  afterAll(async () => {
    await service.program.end()
    service.files.remove()
  })
  return service
}
