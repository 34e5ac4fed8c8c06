// What is not run where, and why. An entry that names a file or a test that is not there fails the run.
import type { RuntimeName } from "./host.ts"
import needsAsyncContext from "./needsAsyncContext.json" with { type: "json" }

interface Skip {
  readonly on: ReadonlyArray<RuntimeName>
  /** From the top of the repository. */
  readonly file: string
  /** The tests, as `describe > test`, or the name of a `describe` for all in it. Without them: the whole file. */
  readonly tests?: ReadonlyArray<string>
  readonly reason: string
}

const noSignals = "needs a process that gets signals"
const nodeModules = "uses Node.js's own modules"
const nodeTells = "hears of unhandled rejections from Node.js"
const noThreads = "needs Node.js's worker threads"
const collects = "collects garbage when it wants to, with the help of V8"
const otherHost = "loads modules anew on a host that it takes things from, which only vitest can"

const lateFetch =
  "its fetch rejects some macrotasks after the abort, where nobody can tell that it did: the first await of a cleanup in finally delivers the cancellation"
const bunTellsAll =
  "calls every listener for unhandled rejections: ours keeps the process alive, and that of the test hears of them all the same"
const otherProcess = "runs the sources in a process of its own, on the newest Node.js"

const fakeTimers = "moves the fake timers of vitest"
const noProcess = "is about the end of a process"
const otherTasks =
  "counts macrotasks, of which a page has several kinds: messages, which the loop takes, go before the timers of Effect's own scheduler"

const everywhere: ReadonlyArray<RuntimeName> = ["node 20", "node 22", "node 24", "node 26", "bun", "deno", "chromium"]
const aboutSources = "is about the sources, which are the same everywhere"
const aboutHeap = "measures the heap of a process of its own, which runs the sources on the newest Node.js"

const oneFile = "is about the frames of the sources, which are in one file with the tests there"

export const skips: ReadonlyArray<Skip> = [
  { on: everywhere, file: "packages/compat/test/reports/ownFrames.test.ts", reason: oneFile },
  { on: ["chromium"], file: "packages/core/test/reports/ownFrames.test.ts", reason: oneFile },
  {
    on: ["bun"],
    file: "packages/testing/test/places.test.ts",
    tests: ["a place > has the line of an await, of a task that is awaited, and of a group that waits for its tasks"],
    reason: "has no frame of an async function where that reads `then` of what it awaits"
  },
  { on: everywhere, file: "packages/compat/test/api/docstrings.test.ts", reason: aboutSources },
  { on: everywhere, file: "packages/compat/test/performance/scale.test.ts", reason: aboutHeap },
  { on: everywhere, file: "packages/compat/test/loops/ctrlC.test.ts", reason: otherProcess },
  {
    on: everywhere,
    file: "packages/compat/test/groupsAndTimeouts/leftInFlight.test.ts",
    tests: ["code that nobody awaits > is named after ten seconds where it does not end"],
    reason: fakeTimers
  },
  { on: ["chromium"], file: "packages/compat/test/cancellation/cancelAnywhere.test.ts", reason: nodeModules },
  {
    on: ["bun", "deno"],
    file: "packages/compat/test/border/towersInside.test.ts",
    reason: "takes minutes where every step of an async function costs a macrotask"
  },
  { on: ["chromium", "bun"], file: "packages/compat/test/waiting/givenUp.test.ts", reason: collects },
  {
    on: ["chromium"],
    file: "packages/compat/test/tasks/createTaskOptions.test.ts",
    tests: [
      "the signal given to createTask > gets one listener for any number of tasks, and the tasks are cancelled in the order they were made"
    ],
    reason: nodeTells
  },
  {
    on: ["chromium"],
    file: "packages/compat/test/groupsAndTimeouts/lateBodies.test.ts",
    tests: ["abortable with hooks > leaves no rejection behind of a promise that fails when nobody waits any more"],
    reason: nodeTells
  },
  {
    on: ["chromium"],
    file: "packages/compat/test/groupsAndTimeouts/mapTasks.test.ts",
    tests: ["mapTasks > tells an iterator that hangs to end, and gives it up when it does not answer"],
    reason: nodeModules
  },
  {
    on: ["chromium"],
    file: "packages/core/test/mistakes/badInput.test.ts",
    tests: ["the option inspect of run > says what to install where the package is not there"],
    reason: nodeModules
  },
  {
    on: everywhere,
    file: "packages/core/test/mistakes/badInput.test.ts",
    tests: [
      "the option inspect of run > fails with what is wrong with the package where it is there and does not load"
    ],
    reason: otherProcess
  },
  { on: ["chromium"], file: "packages/compat/test/loops/outside.test.ts", reason: nodeModules },
  { on: ["chromium"], file: "packages/compat/test/variables/handlers.test.ts", reason: nodeModules },
  {
    on: ["chromium"],
    file: "packages/compat/test/futures/asPromise.test.ts",
    tests: [
      "a task and a future, where a promise is expected > are instances of Promise, for servers that ask before they wait, and none of the host's",
      "the signal of a task > says that it takes any number of listeners in the one way that undici understands on Node 20"
    ],
    reason: nodeModules
  },
  {
    on: ["chromium"],
    file: "packages/core/test/loops/afterRun.test.ts",
    tests: [
      "after its loop has ended > a fiber whose time limit was the loop's is interrupted (withLoop)",
      "after its loop has ended > a fiber whose time limit was the loop's is interrupted (layer)"
    ],
    reason: otherTasks
  },
  {
    on: ["chromium"],
    file: "packages/core/test/loops/fairness.test.ts",
    tests: [
      "a fiber that gives way > lets fibers on other schedulers take theirs, as by Effect.runPromise (in a run)",
      "a fiber that gives way > lets fibers on other schedulers take theirs, as by Effect.runPromise (in a task)",
      "a fiber that gives way > lets fibers on other schedulers take theirs, as by Effect.runPromise (in a boundary)",
      "a fiber that gives way > lets fibers on other schedulers take theirs, as by Effect.runPromise (in a fiber of a task)",
      "a fiber that gives way > lets fibers on other schedulers take theirs, as by Effect.runPromise (in a task of a scope)"
    ],
    reason: otherTasks
  },
  { on: ["chromium"], file: "packages/core/test/testing/fakeTimers.test.ts", reason: fakeTimers },
  {
    on: ["chromium"],
    file: "packages/core/test/waiting/givenUp.test.ts",
    tests: ["asCompleted that is given up leaves nothing on the futures"],
    reason: collects
  },
  {
    on: ["chromium"],
    file: "packages/core/test/waiting/promiseFutures.test.ts",
    tests: ["the future of a promise > is not kept by its promise when it was cancelled"],
    reason: collects
  },
  { on: ["chromium"], file: "packages/core/test/inspection/inspect.test.ts", reason: nodeModules },
  {
    on: ["chromium"],
    file: "packages/core/test/reports/neverReported.test.ts",
    tests: [
      "a failure that nobody looks at is reported > on the loop of a clock, when the process ends",
      "a failure that nobody looks at is reported > and a timer that was cancelled keeps the process alive for nobody, on the loop of a clock"
    ],
    reason: noProcess
  },
  {
    on: ["chromium"],
    file: "packages/core/test/reports/reportsThroughLoggers.test.ts",
    tests: [
      "a short program on the loop of its clock > is told at its end of what nobody has looked at, also where it exits by itself"
    ],
    reason: noProcess
  },
  {
    on: ["chromium"],
    file: "packages/core/test/loops/shutdown.test.ts",
    tests: [
      "the end of a loop > names after ten seconds the task that does not end",
      "the end of a loop > leaves no timer of the host behind that would name tasks",
      "the end of a loop > names after ten seconds the fiber that does not end"
    ],
    reason: fakeTimers
  },
  {
    on: ["bun", "deno"],
    file: "packages/compat/test/variables/handlers.test.ts",
    reason: "is about Node.js's own servers; those of others run their handlers in no task"
  },
  {
    on: everywhere,
    file: "packages/compat/test/border/twoCopies.test.ts",
    reason: "copies the sources, and loads the copy beside the first one"
  },
  {
    on: everywhere,
    file: "packages/compat/test/cancellation/unawaited.test.ts",
    tests: [
      "what else is rejected and awaited by nobody > ends the process, also after a cancellation that was silent, and a run that nobody handles does too"
    ],
    reason: otherProcess
  },
  {
    on: ["bun", "deno"],
    file: "packages/compat/test/cancellation/signal.test.ts",
    tests: ["a cancellation that is delivered through the signal > ends fetch itself"],
    reason: lateFetch
  },
  {
    on: ["bun", "deno"],
    file: "packages/compat/test/cancellation/arrival.test.ts",
    tests: ["the functions of the host > fetch with AbortSignal.any: cleanup works, and the task ends cancelled"],
    reason: lateFetch
  },
  { on: ["bun"], file: "packages/compat/test/cancellation/unawaited.test.ts", reason: bunTellsAll },
  {
    on: ["bun"],
    file: "packages/compat/test/cancellation/arrival.test.ts",
    tests: [
      "what was begun with the signal and is awaited by nobody > is silent when it ends with the cancellation, in the words of a library too",
      "promises that are cancelled together, and rejected as one > Promise.any that nobody awaits is silent",
      "promises that are cancelled together, and rejected as one > a pipeline of streams that nobody awaits is silent"
    ],
    reason: bunTellsAll
  },
  {
    on: ["deno"],
    file: "packages/compat/test/waiting/givenUp.test.ts",
    tests: ["a task that is made in a store of another task's > keeps nothing of that one, nor of those before"],
    reason: "keeps what the stores lead to; where, is not known yet"
  },
  {
    on: ["bun", "deno"],
    file: "packages/compat/test/tasks/createTaskOptions.test.ts",
    tests: ["the signal given to createTask > takes the message of any reason"],
    reason: "says in other words that a signal was aborted without a reason"
  },
  {
    on: ["bun"],
    file: "packages/compat/test/reports/reports.test.ts",
    tests: ["a failed task > that nobody awaits is reported with the place of its creation in debug mode"],
    reason: "its stacks do not have a function that ends with a call, as createTask does: nothing tells who called it"
  },
  {
    on: ["bun"],
    file: "packages/compat/test/loops/run.test.ts",
    tests: ["the context of a run > comes with the debug option, which remembers where tasks are created"],
    reason: "its stacks do not have a function that ends with a call, as createTask does: nothing tells who called it"
  },
  { on: everywhere, file: "packages/compat/test/variables/noAsyncContext.test.ts", reason: otherHost },
  { on: ["chromium"], file: "packages/core/test/loops/hostTime.test.ts", reason: otherHost },
  { on: ["chromium"], file: "packages/core/test/loops/patience.test.ts", reason: fakeTimers },
  { on: ["chromium"], file: "packages/core/test/loops/signalHandlers.test.ts", reason: noSignals },
  { on: ["chromium"], file: "packages/core/test/tasks/ancestry.test.ts", reason: collects },
  { on: ["chromium"], file: "packages/core/test/variables/asyncContextLoaded.test.ts", reason: nodeModules },
  { on: ["chromium"], file: "packages/compat/test/inspection/inspect.test.ts", reason: nodeModules },
  { on: ["chromium"], file: "packages/compat/test/loops/loopMethods.test.ts", reason: noSignals },
  {
    on: ["chromium"],
    file: "packages/core/test/cancellation/cancelTree.test.ts",
    tests: ["cancelTree > keeps none of the tasks that it has reached, nor does the error that they ended with"],
    reason: collects
  },
  {
    on: ["chromium"],
    file: "packages/core/test/loops/endedTasks.test.ts",
    tests: ["endedTasks > keeps no task alive, and survives what cannot be printed"],
    reason: collects
  },
  {
    on: ["chromium"],
    file: "packages/compat/test/cancellation/kinds.test.ts",
    tests: ["catchCancelled with a handler for each kind > sees the kind behind what a host has made of the signal"],
    reason: nodeModules
  },
  {
    on: ["chromium"],
    file: "packages/compat/test/programs/agents.test.ts",
    tests: [
      "a status says whether a user has stopped it, the time was up, or a deploy has interrupted it (dust-tt/dust#17027, n8n-io/n8n#34551) > not where every stop is an abort"
    ],
    reason: nodeModules
  },
  {
    on: ["chromium"],
    file: "packages/compat/test/waiting/race.test.ts",
    tests: ["a promise that brings something when the run is over > is no unhandled rejection"],
    reason: nodeTells
  },
  { on: ["chromium"], file: "packages/core/test/loops/sigint.test.ts", reason: noSignals },
  { on: ["chromium"], file: "packages/core/test/loops/signals.test.ts", reason: noSignals },
  { on: everywhere, file: "packages/compat/test/loops/stopSignals.test.ts", reason: otherProcess },
  { on: everywhere, file: "packages/compat/test/loops/deadlocks.test.ts", reason: otherProcess },
  { on: ["chromium"], file: "packages/compat/test/testing/leaks.test.ts", reason: nodeModules },
  { on: ["chromium"], file: "packages/core/test/variables/asyncContext.test.ts", reason: nodeModules },
  { on: ["chromium"], file: "packages/core/test/variables/asyncContextFallbacks.test.ts", reason: otherHost },
  { on: ["chromium"], file: "packages/core/test/variables/taskFiber.test.ts", reason: nodeModules },
  { on: ["chromium"], file: "packages/core/test/performance/fastPaths.test.ts", reason: otherHost },
  { on: ["chromium"], file: "packages/compat/test/variables/asyncContext.test.ts", reason: nodeModules },
  { on: ["chromium"], file: "packages/core/test/cpython/test_base_events-runs.test.ts", reason: noSignals },
  { on: ["chromium"], file: "packages/core/test/cpython/test_runners-interrupt.test.ts", reason: noSignals },
  { on: ["chromium"], file: "packages/core/test/threads/thread.test.ts", reason: nodeModules },
  { on: ["chromium"], file: "packages/core/test/threads/toThread.test.ts", reason: noThreads },
  { on: ["chromium"], file: "packages/core/test/threads/toThreadMistakes.test.ts", reason: noThreads },
  { on: ["chromium"], file: "packages/core/test/threads/toThreadPool.test.ts", reason: noThreads },
  {
    on: ["chromium"],
    file: "packages/core/test/testing/virtualTimeOutside.test.ts",
    tests: [
      "virtual time does not jump > past the limit of a thread that computes",
      "virtual time does not jump > past a timer that nobody waits for, while a thread computes",
      "virtual time goes on > as on a real clock while a thread computes for ever, so that a timeout ends it",
      "a deadlock in virtual time > is not suspected while a thread computes",
      "a deadlock in virtual time > is not suspected while calls wait for a thread",
      "a deadlock in virtual time > is found when the thread has ended and nobody was waiting for it"
    ],
    reason: noThreads
  },
  {
    on: ["chromium"],
    file: "packages/compat/test/testing/virtualTime.test.ts",
    tests: [
      "virtual time and a promise that `abortable` waits for > waits for a thread, whose limit comes no sooner than on a real clock"
    ],
    reason: noThreads
  },
  { on: ["chromium"], file: "packages/core/test/cpython/test_threads.test.ts", reason: noThreads },
  {
    on: ["chromium"],
    file: "packages/compat/test/cancellation/helpers.test.ts",
    tests: [
      "toThread > ends the thread when the task is cancelled",
      "toThread > has as many threads as the run may have, and a call that waits for one can be cancelled",
      "toThread > says what to do about a function that needs what is around it"
    ],
    reason: noThreads
  },
  { on: ["chromium"], file: "packages/core/test/reports/failuresFallback.test.ts", reason: otherHost },
  { on: ["chromium"], file: "packages/core/test/loops/hostFallbacks.test.ts", reason: otherHost },
  {
    on: ["chromium"],
    file: "packages/core/test/loops/host.test.ts",
    tests: [
      "the host's clock",
      "the host's timer > is cleared on a loop that nobody runs, when the last sleep is cancelled"
    ],
    reason: "counts on vitest's fake timers"
  },
  {
    on: ["chromium"],
    file: "packages/core/test/futures/ensureFuture.test.ts",
    tests: ["ensureFuture > takes over a promise that has rejected before the task's first step"],
    reason: nodeTells
  },
  {
    on: ["chromium"],
    file: "packages/core/test/reports/failures.test.ts",
    tests: [
      "a failure that nobody has looked at > is reported when its task is collected, while the loop goes on",
      "a failure that nobody has looked at > is reported when its task, the last to make another, is collected, while the loop goes on"
    ],
    reason: collects
  },
  {
    on: ["chromium"],
    file: "packages/core/test/performance/leak.test.ts",
    tests: [
      "a task that outlives the one that made it",
      "a queue > does not keep what was taken out of it",
      "fibers that begin inside of each other",
      "what a loop has told of",
      "asCompleted > is not kept by what it was made of, when nobody has it any more"
    ],
    reason: collects
  },
  {
    on: ["chromium"],
    file: "packages/core/test/inspection/repr.test.ts",
    tests: ["the repr of a task > is what a template, JSON and the console print"],
    reason: nodeModules
  },
  {
    on: ["chromium"],
    file: "packages/core/test/cpython/test_futures-reports.test.ts",
    tests: [
      "CPython test_futures > remembers in debug mode the line that created the future (test_future_source_traceback)"
    ],
    reason: "counts lines, and the bundler leaves empty ones out"
  },
  { on: ["chromium"], file: "packages/compat/test/reports/reports.test.ts", reason: nodeTells },
  {
    on: ["chromium"],
    file: "packages/compat/test/tasks/createTaskOptions.test.ts",
    tests: ["the signal given to createTask > has no listener left when the task is done, in any way"],
    reason: nodeModules
  },
  {
    on: ["chromium"],
    file: "packages/compat/test/loops/eventLoop.test.ts",
    tests: ["a callback > runs in no task, with the AsyncLocalStorage stores of whoever registered it"],
    reason: nodeModules
  },
  {
    on: ["chromium"],
    file: "packages/compat/test/futures/future.test.ts",
    tests: ["a future > prints its state and its callbacks"],
    reason: nodeModules
  },
  { on: ["chromium"], file: "packages/compat/test/reports/failures.test.ts", reason: nodeTells },
  { on: ["chromium"], file: "packages/compat/test/cancellation/unawaited.test.ts", reason: nodeTells },
  { on: ["chromium"], file: "packages/compat/test/cancellation/arrival.test.ts", reason: nodeModules },
  {
    on: ["chromium"],
    file: "packages/compat/test/tasks/Task.test.ts",
    tests: ["the name of a task > is in its repr, which String, templates and the inspector print"],
    reason: nodeModules
  },
  {
    on: ["chromium"],
    file: "packages/compat/test/tasks/createTask.test.ts",
    tests: ["createTask > runs the function in the AsyncLocalStorage stores of whoever created it"],
    reason: nodeModules
  },
  {
    on: ["chromium"],
    file: "packages/compat/test/tasks/currentTask.test.ts",
    tests: [
      "currentTask > is the task that set up a timer, microtask or tick of the host",
      "currentTask > is, in a listener, the task that emits, and with AsyncResource.bind the one that listens"
    ],
    reason: nodeModules
  },
  { on: ["chromium"], file: "packages/compat/test/loops/run.test.ts", tests: ["Ctrl-C"], reason: noSignals },
  {
    on: ["chromium"],
    file: "packages/compat/test/cancellation/signal.test.ts",
    tests: [
      "a cancellation that is delivered through the signal > ends fetch itself",
      "a cancellation that is delivered through the signal > ends node:timers/promises, is not delivered again to the cleanup, and ends the task cancelled",
      "a cancellation that is delivered through the signal > ends events.once",
      "the signal of a task > lets cleanup use signals again",
      "the signal of a task > is that of the code around for a handler that a scope has registered and left",
      "the signal of a task > gets no listener from an await",
      "streams and servers",
      "listeners on a task's signal > do not pile up over 100,000 operations one after the other",
      "listeners on a task's signal > come from no await of ours, 100,000 of which leave the signal alone",
      "listeners on a task's signal > may be a thousand at a time"
    ],
    reason: nodeModules
  },
  // Made by `npm run test:browser -- --update`, of the tests of compat that fail for this reason; true is a whole file.
  ...Object.entries(needsAsyncContext as Record<string, ReadonlyArray<string> | true>).map(([file, tests]): Skip => {
    const entry: Skip = {
      on: ["chromium"],
      file,
      reason: "needs the current task after an await, which takes AsyncLocalStorage"
    }
    return tests === true ? entry : { ...entry, tests }
  })
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
