// Runs test files one test after the other, on any host that has promises and timers: what vitest needs beyond that,
// some runtimes do not have. A file registers its tests while it is imported; then they run.
import { clearTimeout, onUnhandled, setTimeout } from "./host.ts"

export type Hook = () => unknown

interface Test {
  readonly name: string
  readonly body: Hook
}

/** A `describe`, or a file. */
interface Suite {
  readonly name: string
  readonly outer: Suite | undefined
  readonly entries: Array<Suite | Test>
  readonly beforeEach: Array<Hook>
  readonly afterEach: Array<Hook>
}

export interface FileResult {
  /** The names of the tests that passed, and of those that were skipped. */
  readonly passed: Array<string>
  readonly skipped: Array<string>
  /** A test fails also of an error that nobody handles while it runs, which may be the doing of one before it. */
  readonly failures: Array<{ readonly name: string; readonly error: unknown; readonly unhandled?: true }>
}

/** Why a test is skipped, or undefined to run it. `name` is made of the names of its `describe`s and its own. */
export type Skips = (name: string) => string | undefined

// A test that waits for what never comes must not take the whole run with it. No test needs a tenth of this where nothing else runs.
const longestTest = 60_000

// The name of what fails beside the tests of a file.
const wholeFile = "the file itself"

const makeSuite = (name: string, outer: Suite | undefined): Suite => ({
  name,
  outer,
  entries: [],
  beforeEach: [],
  afterEach: []
})

// Where `describe`, `it` and the hooks register; undefined while tests run.
let registering: Suite | undefined

const current = (what: string): Suite => {
  if (registering === undefined) throw new Error(`${what} is called in a test, and not while its file is read`)
  return registering
}

export const describe = (name: string, body: () => void): void => {
  const outer = current(`describe("${name}")`)
  registering = makeSuite(name, outer)
  outer.entries.push(registering)
  try {
    body()
  } finally {
    registering = outer
  }
}

export const test = (name: string, body: Hook): void => {
  current(`it("${name}")`).entries.push({ name, body })
}

export const beforeEach = (hook: Hook): void => void current("beforeEach").beforeEach.push(hook)

export const afterEach = (hook: Hook): void => void current("afterEach").afterEach.push(hook)

const within = async (promise: unknown): Promise<void> => {
  let timer: unknown
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`did not end within ${longestTest} ms`)), longestTest)
  })
  try {
    await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** The suites around a test, the outermost first. */
const around = (suite: Suite | undefined): Array<Suite> => (suite === undefined ? [] : [...around(suite.outer), suite])

/** Runs a test between its hooks, and gives every error. As in vitest, the last `afterEach` runs first. */
const runTest = async (test: Test, suite: Suite): Promise<ReadonlyArray<unknown>> => {
  const errors: Array<unknown> = []
  const attempt = async (hook: Hook): Promise<boolean> => {
    try {
      await within(hook())
      return true
    } catch (error) {
      errors.push(error)
      return false
    }
  }
  const suites = around(suite)
  let ready = true
  for (const hook of suites.flatMap(({ beforeEach }) => beforeEach)) ready = ready && (await attempt(hook))
  if (ready) await attempt(test.body)
  for (const hook of suites.flatMap(({ afterEach }) => afterEach).toReversed()) await attempt(hook)
  return errors
}

/** Imports a test file, and runs its tests but those that are skipped. */
export const runFile = async (load: () => Promise<unknown>, skips: Skips): Promise<FileResult> => {
  const result: FileResult = { passed: [], skipped: [], failures: [] }
  const file = (registering = makeSuite("", undefined))
  let running = wholeFile

  const runSuite = async (suite: Suite, path: string): Promise<void> => {
    for (const entry of suite.entries) {
      const name = path + entry.name
      if ("entries" in entry) {
        await runSuite(entry, `${name} > `)
      } else if (skips(name) === undefined) {
        running = name
        const before = result.failures.length
        for (const error of await runTest(entry, suite)) result.failures.push({ name, error })
        if (result.failures.length === before) result.passed.push(name)
      } else {
        result.skipped.push(name)
      }
    }
  }

  const stopListening = onUnhandled((error) => {
    result.failures.push({ name: running, error, unhandled: true })
  })
  try {
    await load()
    registering = undefined
    await runSuite(file, "")
    if (result.passed.length + result.skipped.length + result.failures.length === 0) throw new Error("has no tests")
  } catch (error) {
    result.failures.push({ name: wholeFile, error })
  } finally {
    registering = undefined
    // The host tells of a rejection that nobody handled only after the macrotask it happened in.
    await new Promise<void>((resolve) => void setTimeout(resolve, 0))
    stopListening()
  }
  return result
}
