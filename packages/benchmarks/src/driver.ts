/**
 * The processes that the peers run in. Each peer has one, so that none of them sees another's heap, compiled code or
 * AsyncLocalStorage; they stay alive and are asked in turn.
 */
import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { createInterface, type Interface } from "node:readline"
import type { Readable, Writable } from "node:stream"
import { fileURLToPath } from "node:url"
import { type ProgramName, programNames, type Setting } from "./peer.ts"

export interface Request {
  readonly program: ProgramName
  readonly n: number
  readonly setting: Setting
  /** How often in a row the program runs: small sizes take too little time to be measured by themselves. */
  readonly times: number
}

export interface Answer {
  /** Of one run, on the wall. */
  readonly nanos: number
  /** The time of its thread on a processor; left out where the host does not tell. */
  readonly cpuNanos?: number
  /** How far the memory of the process rose above what it was before; null where the system does not tell. */
  readonly peakBytes: number | null
  /** What `Probe.hold` held. */
  readonly heldBytes?: number
  /** Lateness in milliseconds. */
  readonly samples?: ReadonlyArray<number>
}

/** What a peer can do: null, or the reason why it cannot. */
export interface Description {
  readonly versions: Readonly<Record<string, string>>
  readonly programs: Readonly<Record<ProgramName, string | null>>
}

interface Command {
  readonly file: string
  readonly args: ReadonlyArray<string>
}

const local = (path: string) => fileURLToPath(new URL(path, import.meta.url))

const javaScript = (module: string, ...flags: ReadonlyArray<string>): Command => ({
  file: process.execPath,
  args: ["--expose-gc", "--disable-warning=ExperimentalWarning", ...flags, local("worker.ts"), module]
})

// A young generation in which a million tasks fit: what a row costs without the collector, or nearly.
const allYoung = ["--min-semi-space-size=1024", "--max-semi-space-size=1024"]

/** The first of these commands that is an interpreter which can import `modules`; otherwise undefined. */
const findPython = (candidates: ReadonlyArray<string>, modules: string): string | undefined =>
  candidates.find((file) => spawnSync(file, ["-c", `import ${modules}`], { stdio: "ignore" }).status === 0)

const python = (candidates: ReadonlyArray<string>, modules: string, args: ReadonlyArray<string>): Command | string => {
  const file = findPython(candidates, modules)
  if (file === undefined) return `no interpreter here can import ${modules}`
  return { file, args: [local("../peers/cpython.py"), ...args] }
}

/** The Go program, built when it is first asked for; Debian has the compiler as `golang-go`. */
const goProgram = (): Command | string => {
  if (spawnSync("go", ["version"], { stdio: "ignore" }).status !== 0) return "there is no `go` here"
  const file = join(mkdtempSync(join(tmpdir(), "benchmarks-")), "goroutines")
  process.on("exit", () => rmSync(dirname(file), { recursive: true, force: true }))
  const built = spawnSync("go", ["build", "-o", file, local("../peers/goroutines.go")], { encoding: "utf8" })
  return built.status === 0 ? { file, args: [] } : `the Go program does not build: ${built.stderr}`
}

/** How a peer is started, or the reason why it cannot be. Asked when it is needed: to look for an interpreter takes time. */
const commands: Readonly<Record<string, () => Command | string>> = {
  core: () => javaScript("core"),
  compat: () => javaScript("compat"),
  "raw Effect": () => javaScript("effect"),
  "Effect, at once": () => javaScript("effectAtOnce"),
  effection: () => javaScript("effection"),
  promises: () => javaScript("promises"),
  "p-limit": () => javaScript("pLimit"),
  "p-queue": () => javaScript("pQueue"),
  "p-map": () => javaScript("pMap"),
  "redux-saga": () => javaScript("saga"),
  asyncio: () => python(["python3", "python"], "asyncio, resource", []),
  // A distribution's package of uvloop belongs to the distribution's own interpreter.
  uvloop: () => python(["python3", "/usr/bin/python3"], "uvloop, resource", ["uvloop"]),
  go: () => goProgram(),
  "fiber floor": () => javaScript("fiberFloor"),
  "compat floor": () => javaScript("compatFloor"),
  "core by hand": () => javaScript("coreWorkers"),
  "compat by hand": () => javaScript("compatWorkers"),
  floor: () => javaScript("floor"),
  "core, all young": () => javaScript("core", ...allYoung),
  "compat, all young": () => javaScript("compat", ...allYoung)
}

/** The peers of a comparison: the others are the same ones with another collector. */
export const peerNames = Object.keys(commands).filter((name) => !name.endsWith(", all young"))

export class PeerProcess implements AsyncDisposable {
  readonly name: string
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #lines: Interface
  // One request at a time; the answer to it, or the end of the process, whichever comes first.
  #answered: ((line: string | undefined) => void) | undefined = undefined

  constructor(name: string, { args, file }: Command) {
    this.name = name
    this.#child = spawn(file, args, {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, NODE_ENV: "production" }
    })
    this.#lines = createInterface({ input: this.#child.stdout })
    this.#lines.on("line", (line) => this.#settle(line))
    this.#child.on("exit", () => this.#settle(undefined))
    // What could not be written was for a process that has ended, which the exit tells.
    this.#child.stdin.on("error", () => {})
  }

  #settle(line: string | undefined): void {
    this.#answered?.(line)
    this.#answered = undefined
  }

  async #ask<T>(request: object): Promise<T> {
    const line = await new Promise<string | undefined>((resolve) => {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) return resolve(undefined)
      this.#answered = resolve
      this.#child.stdin.write(`${JSON.stringify(request)}\n`)
    })
    if (line === undefined) {
      throw new Error(`the process ended: ${this.#child.signalCode ?? `exit code ${this.#child.exitCode}`}`)
    }
    const answer = JSON.parse(line) as T & { error?: string }
    if (answer.error !== undefined) throw new Error(answer.error)
    return answer
  }

  describe(): Promise<Description> {
    return this.#ask({ program: "describe" })
  }

  perform(request: Request): Promise<Answer> {
    return this.#ask(request)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, "exit")
    this.#child.stdin.end()
    await ended
  }
}

export interface AvailablePeer extends Description {
  readonly name: string
  start(): PeerProcess
}

/** The peers of these names, each as it describes itself. One that is not here can do nothing, and says why. */
export const findPeers = (names: ReadonlyArray<string>): Promise<Array<AvailablePeer>> =>
  Promise.all(
    names.map(async (name): Promise<AvailablePeer> => {
      const command = commands[name]!()
      if (typeof command === "string") {
        const programs = Object.fromEntries(programNames.map((program) => [program, command]))
        const start = () => {
          throw new Error(`${name} is not here: ${command}`)
        }
        return { name, versions: {}, programs: programs as Description["programs"], start }
      }
      const start = () => new PeerProcess(name, command)
      await using peer = start()
      const { programs, versions } = await peer.describe()
      const reasonOf = (program: ProgramName) =>
        program in programs ? programs[program] : "it is there for other rows"
      return {
        name,
        versions,
        programs: Object.fromEntries(programNames.map((program) => [program, reasonOf(program)])) as typeof programs,
        start
      }
    })
  )
