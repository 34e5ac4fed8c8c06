// Bundles the worker of the playground, docs/playground/worker.ts, with all that a program can import. docs/.vitepress/config.ts
// does so before the site is built or served, and the tests before they run programs in it. Its examples are programs of the pages.
import { spawn } from "node:child_process"
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { rolldown } from "rolldown"
import type { Example } from "../../../docs/playground/examples.ts"
import type { Line } from "../../../docs/playground/run.ts"
import type { Trace } from "../../testing/src/timeline/trace.ts"
import { kindOf } from "../../../docs/playground/playable.ts"
import { root } from "../repository.ts"
import { programsOf } from "./pages.ts"

const out = join(root, "docs/.playground")

/** The worker, as the page loads it. */
export const playgroundWorker = join(out, "worker.js")

/** Writes a file in one go: the site may be served while the tests run. */
const write = (file: string, text: string): void => {
  mkdirSync(out, { recursive: true })
  const unfinished = `${file}.${process.pid}`
  writeFileSync(unfinished, text)
  renameSync(unfinished, file)
}

/** Title, page, and which of the page's groups with a program of each kind: programs that show something when they are changed. */
const examples: ReadonlyArray<readonly [title: string, page: string, group: number]> = [
  ["A group, a timeout and a cancellation", "start", 0],
  ["The current task", "tutorial/current-task", 0],
  ["Cancelling a task", "tutorial/cancelling", 0],
  ["A group in which one fails", "tutorial/groups", 1],
  ["A timeout", "tutorial/timeouts", 0],
  ["A queue and two workers", "tutorial/queues", 0],
  ["The order of tasks", "concepts/order", 0],
  ["A value for each task", "concepts/current-task", 0],
  ["Stopping a task with all that it has created", "concepts/trees", 1],
  ["The first of several", "concepts/beyond-asyncio", 2],
  ["A worker that comes back", "concepts/beyond-asyncio", 7],
  ["A failure that nobody looks at", "concepts/failures", 0],
  ["Worker pool", "recipes/worker-pool", 0],
  ["Rate limit", "recipes/rate-limit", 0],
  ["Retry within a budget", "recipes/retry", 0],
  ["Timeouts inside timeouts", "recipes/nested-timeouts", 0]
]

/** The examples, as the pages have them now. */
export const allExamples = (): ReadonlyArray<Example> =>
  examples.map(([title, page, number]) => {
    const path = `docs/${page}.md`
    const groups = new Map<number, { core?: string; compat?: string }>()
    for (const { code, group, lang, line, marks } of programsOf(path, readFileSync(join(root, path), "utf8"))) {
      const kind = lang === "ts" ? kindOf(code, marks) : undefined
      if (kind !== undefined) groups.set(group || line, { ...groups.get(group || line), [kind]: code })
    }
    const found = Array.from(groups.values()).filter(({ compat, core }) => core !== undefined && compat !== undefined)
    if (found[number] === undefined)
      throw new Error(`${path} has ${found.length} groups for the playground's "${title}"`)
    return { title, page, ...found[number] }
  })

// The library takes frames of installed packages for its own, and hides them in the stacks of a program's errors.
const nameInStacks = "/node_modules/@effect-asyncio/core/dist/playground.js"

/** Writes the worker and the examples, once in a process. */
export const buildPlayground = (): Promise<void> => (built ??= build())

let built: Promise<void> | undefined

const build = async (): Promise<void> => {
  const bundle = await rolldown({
    input: join(root, "docs/playground/worker.ts"),
    platform: "browser",
    resolve: { conditionNames: ["@effect-asyncio/source", "import", "browser", "default"] },
    // An await of the library carries no task, see docs/playground/asyncLocalStorage.ts: as a generator it does.
    transform: { target: "es2016", define: { "import.meta": "{}" } },
    // eval is what the playground is for, and is indirect.
    checks: { eval: false }
  })
  const { output } = await bundle.generate({ format: "iife", minify: true, keepNames: true })
  await bundle.close()
  if (output.length !== 1) throw new Error("the worker of the playground has to be one file")
  write(playgroundWorker, `${output[0].code}\n//# sourceURL=${nameInStacks}\n`)
  write(join(out, "examples.json"), JSON.stringify(allExamples()))
}

/** What a program did in the playground. */
export interface Ran {
  readonly lines: ReadonlyArray<Line>
  readonly trace: Trace
}

/** Runs programs in the worker as it was last built, in another process. */
export const runInPlayground = async (programs: ReadonlyArray<string>): Promise<ReadonlyArray<Ran>> => {
  const { NODE_OPTIONS: _, ...env } = process.env
  const script = join(root, "packages/tools/docs/runPlayground.ts")
  const child = spawn(process.execPath, ["--no-warnings", script], { env, stdio: ["pipe", "pipe", "inherit"] })
  child.stdin.end(JSON.stringify(programs))
  return JSON.parse(await text(child.stdout)) as ReadonlyArray<Ran>
}

if (import.meta.main) await buildPlayground()
