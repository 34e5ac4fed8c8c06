// What is not run where, and why. An entry that names a file or a test that is not there fails the run.
import type { RuntimeName } from "./host.ts"

interface Skip {
  readonly on: ReadonlyArray<RuntimeName>
  /** From the top of the repository. */
  readonly file: string
  /** The tests, as `describe > test`, or the name of a `describe` for all in it. Without them: the whole file. */
  readonly tests?: ReadonlyArray<string>
  readonly reason: string
}

const noSignals = "needs a process that gets signals"
const noThreads = "needs Node.js's worker threads"
const otherHost = "loads modules anew on a host that it takes things from, which only vitest can"
const hotCode =
  'in code that has run often V8\'s newest calls the frame of a generator "next" and not "Generator.next", by which core finds the line'

export const skips: ReadonlyArray<Skip> = [
  {
    on: ["bun", "deno"],
    file: "packages/compat/test/signal.test.ts",
    tests: ["a cancellation that is delivered through the signal > ends fetch itself"],
    reason:
      "its fetch takes the reason of a signal from the inside, where compat does not see that the cancellation arrived: the first await of the cleanup gets it once more"
  },
  {
    on: ["deno"],
    file: "packages/compat/test/signal.test.ts",
    tests: ["a cancellation that is delivered through the signal > ends events.once"],
    reason: "the same, with its events.once"
  },
  { on: ["chromium"], file: "packages/core/test/sigint.test.ts", reason: noSignals },
  { on: ["chromium"], file: "packages/core/test/cpython/test_base_events-runs.test.ts", reason: noSignals },
  { on: ["chromium"], file: "packages/core/test/cpython/test_runners-interrupt.test.ts", reason: noSignals },
  { on: ["chromium"], file: "packages/core/test/toThread.test.ts", reason: noThreads },
  { on: ["chromium"], file: "packages/core/test/cpython/test_threads.test.ts", reason: noThreads },
  { on: ["chromium"], file: "packages/core/test/failuresFallback.test.ts", reason: otherHost },
  { on: ["chromium"], file: "packages/core/test/hostFallbacks.test.ts", reason: otherHost },
  {
    on: ["chromium"],
    file: "packages/core/test/host.test.ts",
    tests: ["the host's clock"],
    reason: "counts on vitest's fake timers"
  },
  {
    on: ["chromium"],
    file: "packages/core/test/ensureFuture.test.ts",
    tests: ["ensureFuture > takes over a promise that has rejected before the task's first step"],
    reason: "counts on Node.js to tell of an unhandled rejection"
  },
  {
    on: ["chromium"],
    file: "packages/core/test/failures.test.ts",
    tests: ["a failure that nobody has looked at > is reported when its task is collected, while the loop goes on"],
    reason: "collects garbage when it wants to, which no page can"
  },
  {
    on: ["chromium"],
    file: "packages/core/test/repr.test.ts",
    tests: ["the repr of a task > is what a template, JSON and the console print"],
    reason: "prints with node:util"
  },
  {
    on: ["chromium"],
    file: "packages/core/test/cpython/test_futures-reports.test.ts",
    tests: [
      "CPython test_futures > remembers in debug mode the line that created the future (test_future_source_traceback)"
    ],
    reason: "counts lines, and the bundler leaves empty ones out"
  },
  {
    on: ["chromium"],
    file: "packages/core/test/cpython/test_pep492.test.ts",
    tests: ["CPython test_pep492 > finds its own coroutine on a task's stack while it runs (test_task_print_stack)"],
    reason: hotCode
  },
  {
    on: ["chromium"],
    file: "packages/core/test/snapshot.test.ts",
    tests: ["the stack of a task > of the running task ends where the task stands"],
    reason: hotCode
  }
]

/** What the table says of a file. */
export const skipsOf = (file: string, runtime: RuntimeName) => {
  const entries = skips.filter((entry) => entry.file === file && entry.on.includes(runtime))
  const named = entries.flatMap(({ reason, tests = [] }) => tests.map((test) => ({ reason, test })))
  const used = new Set<string>()
  return {
    wholeFile: entries.some(({ tests }) => tests === undefined),
    reason(name: string): string | undefined {
      const found = named.find(({ test }) => name === test || name.startsWith(`${test} > `))
      if (found !== undefined) used.add(found.test)
      return found?.reason
    },
    unused: (): ReadonlyArray<string> => named.map(({ test }) => test).filter((test) => !used.has(test))
  }
}
