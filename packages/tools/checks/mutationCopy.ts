// A copy of core and compat, in which guards are taken away and tests are run.
import { type ChildProcess, spawn } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import { root } from "../repository.ts"
import { setup } from "./mutationReach.ts"
import type { Failure, Outcome } from "./mutationVerdict.ts"

/** What a test file has reached, as setup of mutationReach.ts tells it. */
export interface Reached {
  readonly file: string
  readonly reached: ReadonlyArray<number>
  readonly took: number
}

/** What the reporter of {@link configOf} writes down. */
interface Event {
  readonly begun?: string
  readonly took?: number
  readonly failed?: string
  readonly name?: string
  readonly isSure?: boolean
  readonly ended?: string
}

/** What Vitest finds a test by: the names of its blocks and its own, with spaces between them. */
const patternOf = (test: string): string => `^${test.replaceAll(" > ", " ").replace(/[$()*+.?[\\\]^{|}]/g, "\\$&")}$`

// The milliseconds in which Vitest begins, and in which it loads another test file, at the latest.
const timeToBegin = 30_000
const timeToLoad = 5000

// Its module loads in Vitest's process. It writes down as lines of JSON what happens: a process that hangs tells nothing at its end.
const configOf = (folder: string): string => `
import { appendFileSync, existsSync, readFileSync } from "node:fs"
import { BaseSequencer } from "vitest/node"

const conditions = ["@effect-asyncio/source", "module", "node", "development|production"]
const folder = ${JSON.stringify(folder)}
const tell = (line) => appendFileSync(folder + "/events.jsonl", JSON.stringify(line) + "\\n")
const { place, limit } = JSON.parse(readFileSync(folder + "/run.json", "utf8"))
const setup = folder + "/setup.mjs"
const looks = existsSync(setup)

class InOrder extends BaseSequencer {
  sort(specifications) {
    const at = ({ moduleId }) => place.indexOf(moduleId)
    return specifications.toSorted((a, b) => at(a) - at(b))
  }
}

// Vitest's own words.
const isLate = ({ message }) => /^(Test|Hook) timed out in \\d+ms/.test(message)

const reporter = {
  onTestModuleStart: ({ moduleId }) => tell({ begun: moduleId }),
  onTestModuleEnd: (module) => {
    const [error] = module.errors()
    if (error !== undefined) tell({ failed: module.moduleId, name: "(as a whole) " + error.message })
  },
  onTestCaseResult: (test) => {
    const { state, errors } = test.result()
    const took = test.diagnostic()?.duration ?? 0
    if (state !== "failed") tell({ took })
    else tell({ took, failed: test.module.moduleId, name: test.fullName, isSure: !errors.every(isLate) })
  },
  onTestRunEnd: (_, errors, reason) => {
    if (errors.length > 0) tell({ name: "an error outside of the tests: " + errors[0].message })
    tell({ ended: reason })
  }
}

const project = (name) => ({
  extends: true,
  root: folder + "/packages/" + name,
  test: { name, include: ["test/**/*.test.ts"] }
})

export default {
  root: folder,
  cacheDir: folder + "/cache",
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    projects: [project("core"), project("compat")],
    reporters: [reporter],
    sequence: { sequencer: InOrder },
    fsModuleCache: true,
    fsModuleCachePath: folder + "/cache",
    setupFiles: looks ? [setup] : [],
    bail: looks ? 0 : 1,
    maxWorkers: 1,
    testTimeout: limit,
    hookTimeout: limit,
    isolate: false
  }
}
`

export class Copy {
  readonly folder = mkdtempSync(join(tmpdir(), "effect-asyncio-mutations-"))
  #running: ChildProcess | undefined = undefined

  constructor() {
    const { folder } = this
    for (const name of ["core", "compat"]) {
      cpSync(join(root, "packages", name), join(folder, "packages", name), {
        recursive: true,
        filter: (source) => !/[\\/](node_modules|dist|\.tsbuildinfo)$/.test(source)
      })
    }
    cpSync(join(root, "tsconfig.base.json"), join(folder, "tsconfig.base.json"))
    symlinkSync(join(root, "packages/core/node_modules"), join(folder, "packages/core/node_modules"))
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"))
    // Some tests run what a page shows.
    symlinkSync(join(root, "docs"), join(folder, "docs"))
    // compat has to find the copy.
    mkdirSync(join(folder, "packages/compat/node_modules/@effect-asyncio"), { recursive: true })
    symlinkSync(join(folder, "packages/core"), join(folder, "packages/compat/node_modules/@effect-asyncio/core"))
    symlinkSync(join(root, "packages/compat/node_modules/effect"), join(folder, "packages/compat/node_modules/effect"))
    writeFileSync(join(folder, "vitest.config.mjs"), configOf(folder))
  }

  /** Runs `test` while `path`, below `packages`, has another text. */
  async changed<A>(path: string, change: (source: string) => string, test: () => Promise<A>): Promise<A> {
    const file = join(this.folder, "packages", path)
    const source = readFileSync(file, "utf8")
    writeFileSync(file, change(source))
    try {
      return await test()
    } finally {
      writeFileSync(file, source)
    }
  }

  /** Runs test files on other texts of the sources at `path`s, and gives what each of them reaches; see mutationReach.ts. */
  async reached(
    texts: ReadonlyArray<readonly [path: string, text: string]>,
    files: ReadonlyArray<string>
  ): Promise<ReadonlyArray<Reached>> {
    const [events, setupFile] = [join(this.folder, "reached.jsonl"), join(this.folder, "setup.mjs")]
    const sources = texts.map(([path]) => join(this.folder, "packages", path))
    const before = sources.map((file) => readFileSync(file, "utf8"))
    writeFileSync(events, "")
    writeFileSync(setupFile, setup(events))
    for (const [index, file] of sources.entries()) writeFileSync(file, texts[index]![1])
    try {
      await this.run(files, 60_000)
    } finally {
      for (const [index, file] of sources.entries()) writeFileSync(file, before[index]!)
      rmSync(setupFile)
    }
    const lines = readFileSync(events, "utf8").trim().split("\n")
    return lines.map((line) => {
      const { file, reached, took } = JSON.parse(line) as Reached
      return { file: this.#nameOf(file), reached, took }
    })
  }

  /**
   * Runs test files in this order, or only the test with a name, until a test fails: each may take `limit` milliseconds. Where
   * nothing happens for longer than that, the tests hang.
   */
  async run(files: ReadonlyArray<string>, limit: number, test?: string): Promise<Outcome> {
    if (files.length === 0) return { failure: undefined, longest: 0 }
    const events = join(this.folder, "events.jsonl")
    writeFileSync(events, "")
    const place = files.map((file) => join(this.folder, file))
    writeFileSync(join(this.folder, "run.json"), JSON.stringify({ place, limit }))
    const only = test === undefined ? [] : ["--testNamePattern", patternOf(test)]
    const status = await this.#vitest([...place, ...only], () => {
      const { size, mtimeMs } = statSync(events)
      return Date.now() - mtimeMs > limit + (size === 0 ? timeToBegin : timeToLoad)
    })
    const told = readFileSync(events, "utf8").split("\n")
    const lines = told.filter((line) => line !== "").map((line) => JSON.parse(line) as Event)
    return { failure: this.#failureIn(lines, status), longest: Math.max(0, ...lines.map(({ took }) => took ?? 0)) }
  }

  #failureIn(lines: ReadonlyArray<Event>, status: number | null | undefined): Failure | undefined {
    const failed = lines.find((line) => line.name !== undefined)
    if (failed === undefined && status === 0 && lines.some((line) => line.ended === "passed")) return undefined
    const path = failed?.failed ?? lines.findLast((line) => line.begun !== undefined)?.begun
    return {
      name: failed?.name ?? (status === undefined ? "hangs" : "does not load, or ends early"),
      // Which test hangs without an end to its step, or which one an error outside of the tests comes from, nothing tells.
      test: failed?.isSure === undefined ? undefined : failed.name,
      file: path && this.#nameOf(path),
      isSure: failed?.isSure === true
    }
  }

  #nameOf(path: string): string {
    return relative(this.folder, path).replaceAll("\\", "/")
  }

  /** Its exit status; undefined where it was stopped, because it hangs. */
  #vitest(words: ReadonlyArray<string>, hangs: () => boolean): Promise<number | null | undefined> {
    return new Promise((resolve) => {
      // A group of its own, so that its workers can be stopped with it.
      const child = spawn("vitest", ["run", "--config", join(this.folder, "vitest.config.mjs"), ...words], {
        cwd: this.folder,
        stdio: "ignore",
        detached: process.platform !== "win32",
        shell: process.platform === "win32"
      })
      this.#running = child
      let late = false
      const timer = setInterval(() => {
        late ||= hangs()
        if (late) this.stop()
      }, 1000)
      child.once("close", (status) => {
        clearInterval(timer)
        this.#running = undefined
        resolve(late ? undefined : status)
      })
    })
  }

  stop(): void {
    const pid = this.#running?.pid
    if (pid === undefined) return
    if (process.platform === "win32") this.#running!.kill()
    else process.kill(-pid, "SIGKILL")
  }

  remove(): void {
    this.stop()
    // What is stopped may still be writing.
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
