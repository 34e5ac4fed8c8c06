/**
 * What the rules see more of when the parser knows the types of the program.
 */
import * as parser from "@typescript-eslint/parser"
import { Linter } from "eslint"
import { Linter as Linter9 } from "eslint-9"
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it, vi } from "vitest"
import plugin from "@effect-asyncio/eslint-plugin"

const folder = realpathSync(mkdtempSync(join(tmpdir(), "effect-asyncio-types-")))
afterAll(() => rmSync(folder, { recursive: true }))

const files = {
  "tsconfig.json": JSON.stringify({
    compilerOptions: { strict: true, target: "es2022", module: "nodenext", types: [], skipLibCheck: true },
    include: ["*.ts"]
  }),
  "modules.d.ts": `
    declare function setTimeout(f: (value?: unknown) => void, ms: number): unknown
    declare function step(): Promise<void>
    declare module "@effect-asyncio/compat" {
      export class Future<A> implements PromiseLike<A> { then: Promise<A>["then"] }
      export class Task<A> extends Future<A> {}
      export class EventLoop { createTask<A>(f: () => Promise<A>): Task<A> }
      export class TaskGroup { createTask<A>(f: () => Promise<A>): Task<A> }
      export class Queue<A> { put(item: A): Promise<void> }
      export const sleep: (ms: number) => Promise<void>
      export const currentSignal: () => AbortSignal
    }
    declare module "axios" {
      export interface AxiosInstance { get(url: string, config?: object): Promise<unknown> }
    }`,
  "helpers.ts": `
    import type { Task } from "@effect-asyncio/compat"
    export function fail(error: unknown): never { throw error }
    export const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
    export const handler = { stop(_: unknown): never { throw new Error() } }
    export declare const start: () => Task<void>
    export declare const prepare: () => Promise<void>`
}
const program = `import type { AxiosInstance } from "axios"
import { type EventLoop, type Queue, sleep, type TaskGroup } from "@effect-asyncio/compat"
import { fail, handler, later, prepare, start } from "./helpers.js"
declare const host: { queue: Queue<number>; main: EventLoop; tasks: TaskGroup; http: AxiosInstance }
export const work = async () => {
  try { await step() } catch (error) { fail(error) }
  try { await step() } catch (error) { handler.stop(error) }
  start()
  prepare()
  host.queue.put(1)
  host.main.createTask(step)
  host.tasks.createTask(step)
  await sleep(1)
  await host.http.get("/a")
  await later(10)
  await Promise.race([start(), prepare()])
}
`
for (const [name, text] of Object.entries({ ...files, "main.ts": program })) writeFileSync(join(folder, name), text)

// In CI the parser takes it that every file is parsed once, and has no project for it the second time.
const anyNumberOfTimes = { disallowAutomaticSingleRunInference: true }

const findings = (Checker: typeof Linter, typed: boolean, options: object = anyNumberOfTimes): ReadonlyArray<string> =>
  new Checker({ cwd: folder })
    .verify(
      program,
      [
        {
          files: ["**/*.ts"],
          languageOptions: {
            parser,
            parserOptions: typed ? { project: "tsconfig.json", tsconfigRootDir: folder, ...options } : {}
          },
          ...plugin.configs.recommended
        }
      ],
      join(folder, "main.ts")
    )
    .map(({ fatal, line, message, messageId }) => (fatal === true ? message : `${line} ${messageId}`))

describe.each([
  ["ESLint 10", Linter],
  ["ESLint 9", Linter9 as unknown as typeof Linter]
])("in %s", (_, Checker) => {
  it("finds what the file alone does not say, and takes a helper for one that always throws by its type", () => {
    assert.deepStrictEqual(findings(Checker, true), [
      "8 droppedTask",
      "10 droppedWait",
      "11 droppedTask",
      "14 noSignal",
      "15 helper",
      "16 raceTasks"
    ])
  })

  it("decides by the file alone where the types are lost: a file that is linted twice in a single run", () => {
    vi.stubEnv("TSESTREE_SINGLE_RUN", "true")
    try {
      findings(Checker, true, {})
      assert.deepStrictEqual(findings(Checker, true, {}), ["6 swallowed", "7 swallowed"])
    } finally {
      vi.unstubAllEnvs()
    }
  })

  it("decides by the file alone where no types are known", () => {
    assert.deepStrictEqual(findings(Checker, false), ["6 swallowed", "7 swallowed"])
  })
})
