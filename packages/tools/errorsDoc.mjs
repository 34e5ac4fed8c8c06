// Writes docs/errors.md: `npm run errors:docs`. What the library can say comes from the sources (errorMessages.mjs), what to do
// about it stands here. docs/test/errors.test.ts checks that neither knows a message that the other does not.
import { globSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** The errors a program handles: class, what happened, what to do. */
export const classes = {
  CancelledError: [
    "The task, or the task or future it awaited, was cancelled. `reason` is the message of `cancel`, `requestedBy` the name of the task that asked; in debug mode `requestedAt` is the place.",
    "Let it pass, after cleaning up. To stop it on purpose: `catchCancelled`, and `uncancel` if the task goes on for long. In core, your own cancellation is an interrupt, another task's a failure for `Effect.catchTag`."
  ],
  TimeoutError: [
    "The time of `timeout`, `timeoutAt`, `waitFor` or `asCompleted` was up. What they waited for was cancelled and has cleaned up (`asCompleted` only stops waiting).",
    "Catch it around the call. It is Effect's own TimeoutError."
  ],
  InvalidStateError: [
    "A future was asked for something its state does not allow; the messages are below.",
    "Ask `done()` first."
  ],
  QueueEmpty: ["`getNowait` on a queue that has nothing.", "`get` waits for an item."],
  QueueFull: ["`putNowait` on a queue that has no free place.", "`put` waits for one."],
  QueueShutDown: [
    "The queue was shut down: nothing can be put any more, and nothing is left to get.",
    "The sign for a consumer to end. `for await` over a compat queue ends by itself."
  ],
  BrokenBarrierError: [
    "The barrier was aborted or reset while a task waited, or is broken.",
    "`reset` makes it usable again."
  ],
  ExceptionGroup: [
    "Tasks of a group failed; `errors` has all failures in the order they happened.",
    "Handle it around the group. `split` and `subgroup` take it apart."
  ],
  KeyboardInterrupt: [
    "Ctrl-C cancelled the main task, and it let the cancellation pass. `run` rejects with it.",
    "Nothing, or set the exit code. `handleSigint: false` leaves Ctrl-C to you."
  ],
  RuntimeError: [
    "A mistake in the program, such as a task that awaits itself. In core it is a defect.",
    "Correct the program; the messages are below."
  ],
  ValueError: [
    "An argument has the right type and an impossible value. In core it is a defect.",
    "Correct the program; the messages are below."
  ],
  DeadlockError: [
    "On virtual time: every task waits, and nothing will ever wake one of them.",
    "The message names each task and what it waits for. On a real clock the program would hang."
  ]
}

/** What goes to the loop's exception handler, which logs it by default. */
const reports = {
  "… exception was never retrieved": [
    "A task or a future failed, and until it was collected, or the run was over, nobody looked. The report names it, and says where it was made if that is known.",
    "Await it, put it into a task group, or give it a callback that looks at `exception()`."
  ],
  "… exception in shielded future": [
    "What `shield` protects failed after the one who waited for it was cancelled: there is nobody left to tell.",
    "Keep a reference to the task and await it as well."
  ],
  "Exception in callback …()": [
    "A callback of `callSoon`, `callLater`, `callAt` or `addDoneCallback` threw. The loop goes on.",
    "Catch it in the callback, or make it a task."
  ],
  "unhandled exception during asyncio.run() shutdown": [
    "A task that was left when main ended failed while it was cancelled.",
    "Await or cancel it before main ends, or look at its cleanup."
  ],
  "Unhandled error in exception handler": [
    "Your exception handler threw. Both errors are logged.",
    "Let the handler not throw."
  ],
  "Task swallowed its cancellation: it was cancelled, returned, and did not call uncancel()": [
    "Debug mode: a `catch` took the CancelledError, and the task went on to its end.",
    "Rethrow it, or call `uncancel()` if that is meant."
  ],
  "Executing … took … seconds": [
    "Debug mode: one step or callback took longer than `slowCallbackDuration`; nothing else ran meanwhile.",
    "`sleep(0)` now and then, or `toThread`."
  ]
}

/**
 * What an error says, by message; a third text is the class, where the sources do not tell it at the same place.
 *
 * @type {Record<string, ReadonlyArray<string>>}
 */
const mistakes = {
  "Result is not set.": ["`result()` of a future that is not done.", "Await it, or ask `done()` first."],
  "Exception is not set.": ["`exception()` of a future that is not done.", "Await it, or ask `done()` first."],
  "invalid state": [
    "A result or an error was set on a future that is done already.",
    "Ask `done()` first: it may have been cancelled."
  ],
  "Barrier aborted": ["The barrier is broken.", "`reset` it."],
  "Abort or reset of barrier": ["The barrier was aborted or reset while the task waited.", "Wait again after a reset."],
  "unhandled errors in a TaskGroup": ["The message of a group's ExceptionGroup.", "See ExceptionGroup above."],
  "every task waits and no timer is set:": [
    "The message of DeadlockError; a line for each task follows.",
    "See DeadlockError above.",
    "DeadlockError"
  ],

  "no running event loop": [
    "compat was used outside of `run`, or after the loop was closed.",
    "Call it inside `asyncio.run(async () => ...)`."
  ],
  "no running event loop: this host has no AsyncLocalStorage, so the task is not known after an await; use the task that the function is given, as in createTask(async (task) => { await task.run(() => asyncio.sleep(1)) })":
    [
      "compat in a browser, after an await.",
      "Use the task that the function is given: `task.run(() => ...)`.",
      "RuntimeError"
    ],
  "asyncio.run() cannot be called from a running event loop": [
    "`run` inside a task.",
    "Await the function (`yield*` the Effect), or make a task of it."
  ],
  "Runner.run() cannot be called from a running event loop": [
    "`Runner.run` inside a task.",
    "Await the function, or make a task of it."
  ],
  "… cannot be called from a running event loop": [
    "`run` or `Runner.run` of compat inside a task.",
    "Await the function, or make a task of it."
  ],
  "… needs a task: a callback cannot wait": [
    "Something that waits was called in a callback of the loop, which belongs to no task.",
    "Start a task in the callback: `createTask(async () => ...)`."
  ],
  "… was called from an Effect: use core's own, or run async code with asyncio.toEffect(async () => ...)": [
    "A waiting function of compat was called in an Effect.",
    "Use the function of core, or `toEffect`."
  ],
  "Task cannot await on itself: …": [
    "The task awaits itself, directly or by way of its own name.",
    "Look at who hands the task to whom.",
    "RuntimeError"
  ],
  "Task … got Future … attached to a different loop": [
    "A task awaits a future of another run.",
    "Hand over its result, or a promise of it.",
    "RuntimeError"
  ],
  "Task does not support set_result operation": [
    "`setResult` on a task: its result is what its function returns.",
    "Use a future."
  ],
  "Task does not support set_exception operation": ["`setException` or `setExit` on a task.", "Use a future."],
  "nothing can run in …: it is not an async function under way": [
    "`task.run` on a task that has not started, is done, or runs an Effect.",
    "Call it inside the task's own function."
  ],
  "TaskGroup … is finished": [
    "A task was added to a group that has ended.",
    "Add tasks in the body, or in tasks of the group."
  ],
  "TaskGroup … is shutting down": ["A task was added while the group is being cancelled.", "Let it: the group ends."],
  "Cannot change state of … Timeout": [
    "`reschedule` after the time was up, or after the body was over.",
    "Ask `expired()` first."
  ],
  "Lock is not acquired.": ["`release` of a lock that nobody holds.", "Use `lock.use(...)`, which releases by itself."],
  "cannot wait on un-acquired lock": ["`wait` of a condition without its lock.", "Wait inside `condition.use(...)`."],
  "cannot notify on un-acquired lock": [
    "`notify` of a condition without its lock.",
    "Notify inside `condition.use(...)`."
  ],
  "… is bound to a different event loop": [
    "A lock, queue or the like was used on two loops.",
    "Make it inside the run that uses it."
  ],
  "The future belongs to a different loop than the one specified as the loop argument": [
    "A future of one run was given to another one.",
    "Hand over its result, or a promise of it."
  ],
  "This event loop is already running": ["A loop was run twice at a time.", "Await the first run."],
  "Event loop is closed": [
    "Something was scheduled on a loop whose run is over.",
    "Keep what belongs to a run inside it."
  ],
  "Event loop stopped before Future completed.": [
    "`stop` was called while main was not done.",
    "Cancel the main task instead."
  ],
  "Cannot stop a loop that nobody runs: it ends with its clock or its scope": [
    "`stopUnsafe` on the loop of a clock or of a `layer`.",
    "Close the scope."
  ],
  "Cannot close a running event loop": ["`close` during a run.", "Await the run first."],
  "Runner is closed": ["`run` or `getLoop` after `close`.", "Make another Runner."],
  "the thread ended with exit code …": [
    "The code of `toThread` ended its thread, with `process.exit` for one.",
    "Return from the function."
  ],
  "toThread() needs worker threads, and this host has none": [
    "`toThread` in a browser or the like.",
    "Use a Worker of the host."
  ],

  "Invalid delay: NaN (not a number)": ["A computed delay is NaN.", "Look at what it is computed from."],
  "Invalid time: NaN (not a number)": ["A computed time is NaN.", "Look at what it is computed from."],
  "Invalid deadline: NaN (not a number)": ["A computed deadline is NaN.", "Look at what it is computed from."],
  "Set of Tasks/Futures is empty.": [
    "`wait` of nothing would never end.",
    "Ask whether there is something to wait for."
  ],
  "Invalid return_when value: …": [
    "`returnWhen` is none of its three values.",
    "`FIRST_COMPLETED`, `FIRST_EXCEPTION` or `ALL_COMPLETED`."
  ],
  "task_done() called too many times": [
    "More `taskDone` than items that were put.",
    "Once for each item that was got."
  ],
  "Semaphore initial value must be >= 0": ["A negative number of permits.", "Zero or more."],
  "BoundedSemaphore released too many times": ["More `release` than `acquire`.", "Use `semaphore.use(...)`."],
  "parties must be >= 1": ["A barrier for nobody.", "One or more."],
  "second argument (errors) must be a non-empty sequence": [
    "An ExceptionGroup of nothing.",
    "Make one only when there are errors."
  ],

  "a coroutine was expected, got …": [
    "`createTask` of core got no Effect.",
    "Give it the Effect: call a function made with `Effect.fn`."
  ],
  "a coroutine function was expected, got …": [
    "compat got something else than a function; often the promise of a call, which has started already.",
    "`createTask(work)`, `createTask(() => work(1))`."
  ],
  "An asyncio.Future, a coroutine or an awaitable is required": [
    "Something that cannot be awaited was given.",
    "An Effect or async function, a task or future, or a promise."
  ],
  "Passing coroutines is forbidden, use tasks explicitly.": [
    "`wait` got something else than tasks and futures: it tells them apart by identity.",
    "`createTask` first."
  ],
  "a function was expected by taskGroup(), got …": [
    "`taskGroup` of compat got no function.",
    "`taskGroup(async (group) => ...)`."
  ],
  "a function was expected by …, got …": [
    "`timeout` or `timeoutAt` of compat got no function.",
    "`timeout(1000, async () => ...)`."
  ],
  "a promise was expected by abortable(), got …": ["`abortable` got no promise.", "Give it the promise itself."],
  "an Effect was expected by runEffect(), got …": [
    "`runEffect` got no Effect.",
    "An async function needs no `runEffect`."
  ],
  "an AbortSignal was expected, got …": ["The option `signal` is none.", "`controller.signal`, not the controller."],
  "a ManagedRuntime or a Layer was expected, got …": ["The option `runtime` is none of the two.", "Give one of them."],
  "gather() expects a list or a record of awaitables": [
    "`gather` got a single awaitable, or something that is no collection; the message ends with what it was.",
    "`gather([a, b])`."
  ],
  "expects an iterable of awaitables": [
    "`asCompleted` got no collection; the message ends with what it was.",
    "`asCompleted([a, b])`."
  ],
  "expect a list of futures": ["`wait` got no collection; the message ends with what it was.", "`wait([task])`."],
  "expect a list of tasks": [
    "`cancelAndWait` got no collection; the message ends with what it was.",
    "`cancelAndWait([task])`."
  ],
  "expect a list of tasks, got … in it": ["`cancelAndWait` got something that is no task.", "Give it tasks."],
  "…, not coroutine": ["The end of the four messages above, where one Effect was given.", "Put it into a list."],
  "Invalid delay: … is not a duration": ["A delay is neither a number nor a duration.", '`1000`, `"1 second"`.'],
  "a time in milliseconds was expected, got …": ["`callAt` got no number.", "`loop.time() + 1000`."],
  "coroutines cannot be used with …()": [
    "An async function or generator was given as a callback, and would never be awaited.",
    "Start a task in the callback."
  ],
  "a callable object was expected by …(), got …": ["A callback is no function.", "Give it a function."],
  "a callable object was expected by addDoneCallback(), got …": ["A callback is no function.", "Give it a function."],
  "a future was expected, got …": ["`runUntilComplete` got no future.", "Use `run`."],
  "task factory must be a callable or undefined": [
    "`setTaskFactory` got no function.",
    "Give it a function, or `undefined`."
  ],
  "a task factory must return the task it made, got …": [
    "A task factory returned something else.",
    "Return what `make(options)` gives."
  ],
  "A callable object or undefined is expected, got …": [
    "`setExceptionHandler` got no function.",
    "Give it a function, or `undefined`."
  ],
  "… object does not appear to be compatible with asyncio.Future": [
    "The call graph of something that is no future.",
    "Give it a task or a future."
  ],
  "toThread() expects a function or { module, name }, got …": [
    "`toThread` got neither.",
    "A function, or the place of an exported one."
  ],
  "exports no function": ["`toThread`: the module has no such export.", "Look at `name`."],
  "argument 1 must be a string, not …": [
    "An ExceptionGroup without a message.",
    "`new ExceptionGroup(message, errors)`."
  ],
  "second argument (errors) must be a sequence": [
    "An ExceptionGroup of something that is no array.",
    "`new ExceptionGroup(message, errors)`."
  ],
  "expected an Error class, a list of Error classes, or a function": [
    "`split` or `subgroup` got something else.",
    "`group.split(TypeError)`."
  ]
}

/** Every message that the page explains. */
export const explained = new Set([...Object.keys(reports), ...Object.keys(mistakes)])

/** The error classes that core exports, by name. */
export const errorClasses = () => {
  const names = globSync("packages/core/src/**/*.ts", { cwd: root }).flatMap((file) =>
    [
      ...readFileSync(join(root, file), "utf8").matchAll(
        /^export (?:class (\w+)[^\n]* extends (?:Data\.TaggedError|Error)|const (\w+Error): new)/gm
      )
    ].map((match) => match[1] ?? match[2])
  )
  return new Set(names)
}

const cell = (/** @type {string} */ text) => text.replaceAll("|", "\\|")
const code = (/** @type {string} */ text) => (text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``)

const table = (/** @type {string} */ first, /** @type {Record<string, ReadonlyArray<string>>} */ entries) => [
  `| ${first} | what happened | what to do |`,
  "|---|---|---|",
  ...Object.entries(entries).map(
    ([name, [happened, todo]]) => `| ${cell(code(name))} | ${cell(happened)} | ${cell(todo)} |`
  )
]

export const errorsDoc = (/** @type {ReadonlyArray<{ message: string, kind: string }>} */ messages) => {
  const kinds = new Map(messages.map(({ kind, message }) => [message, kind]))
  // Those that are put together from parts are TypeErrors all.
  const kindOf = (/** @type {string} */ message) => mistakes[message][2] ?? (kinds.get(message) || "TypeError")
  const ofKind = (/** @type {string} */ kind) =>
    Object.fromEntries(Object.entries(mistakes).filter(([message]) => kindOf(message) === kind))
  const sections = [...new Set(Object.keys(mistakes).map(kindOf))]
  return [
    "# Errors",
    "",
    "<!-- Written by `npm run errors:docs` from packages/tools/errorsDoc.mjs and the sources. -->",
    "",
    "Everything the library can say. A `…` stands for what is filled in, such as the task, as it prints. The messages are asyncio's",
    "to the letter where asyncio has one.",
    "",
    "## Errors that a program handles",
    "",
    ...table("error", classes),
    "",
    "## Reports",
    "",
    "What nobody else would see goes to the loop's exception handler, which logs it; see",
    "[failures nobody retrieved](concepts/failures.md).",
    "",
    ...table("report", reports),
    "",
    "## Messages",
    "",
    ...sections.flatMap((kind) => [`### ${kind}`, "", ...table("message", ofKind(kind)), ""])
  ].join("\n")
}

export const errorsDocPath = join(root, "docs/errors.md")

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { errorMessages } = await import("./errorMessages.mjs")
  const messages = errorMessages()
  writeFileSync(errorsDocPath, errorsDoc(messages))
  for (const { file, message } of messages)
    if (!explained.has(message)) console.error(`not explained: ${message} (${file})`)
}
