// The guards of what looks at a program from outside, or says what is wrong with it: leaks, deadlocks, observers, texts, and what is
// looked at before anything is made; see mutationList.ts.
import type { Mutation } from "./mutationList.ts"

const leaks: ReadonlyArray<Mutation> = [
  ["leaks/heapGraph.ts", 'if (this.#part !== "end") throw new Error("the heap snapshot is cut off")', ""],
  ["leaks/heapGraph.ts", "if (this.#head.length > longestHead) throw notOne()", ""],
  ["leaks/heapGraph.ts", "if (end < 0) return bytes.length\n    const head", "const head"],
  ["leaks/heapGraph.ts", 'if (typeof head.snapshot?.meta !== "object") throw notOne()', ""],
  ["leaks/heapGraph.ts", "if (Object.values(this.#fields).includes(-1)) throw notOne()", ""],
  ["leaks/heapGraph.ts", "at !== this.nodeCount || ", ""],
  ["leaks/heapGraph.ts", "if (at !== this.edgeCount) throw notOne()", ""],
  ["leaks/heapGraph.ts", "if (this.#escaped) this.#escaped = false\n        else if", "if"],
  ["leaks/heapGraph.ts", " || bytes[end - 1] === closingParenthesis", ""],
  [
    "leaks/heapGraph.ts",
    "if (this.#begun.length < longestString) this",
    "this",
    "What is longer is nobody's name, and no longer beginning of it makes it one. A matter of memory."
  ],
  ["leaks/reached.ts", "if (opaque[node] === 1) continue", ""],
  ["leaks/reached.ts", "(type === weak && isWaking[node] === 0) || ", ""],
  ["leaks/reached.ts", " && isWaking[node] === 0", ""],
  ["leaks/reached.ts", "isTask[node] === 1 && ", ""],
  ["leaks/reached.ts", "if (type === internal && tables.get(name) === nodeIds[node]) continue", ""],
  ["leaks/reached.ts", "tables.get(name) === nodeIds[node]", "tables.has(name)"],
  ["leaks/reached.ts", 'if (edgeTypes[edge] === types.get("element")) nodes', "nodes"],
  [
    "leaks/waked.ts",
    "if (others === undefined) waiting.set(awaited, [future])\n      else others",
    "waiting.set(awaited, [future])\n      others?"
  ],
  ["leaks/waked.ts", "if (isWakedByItself(future)) return true\n  for", "for"],
  ["leaks/waked.ts", "if (future.exit !== undefined) return true", ""],
  ["leaks/waked.ts", "if (!loop.isRunning()) return false", ""],
  ["leaks/waked.ts", "if (future instanceof SleepFuture) return future.queued", ""],
  ["leaks/waked.ts", "future.root === undefined || ", ""],
  ["leaks/waked.ts", "loop.running === future || ", ""],
  ["leaks/waked.ts", " || loop.lastRun === future", ""],
  ["leaks/probe.ts", '?.["@effect-asyncio/tasks"] ?? []', '!["@effect-asyncio/tasks"]']
]

const deadlocks: ReadonlyArray<Mutation> = [
  ["run/deadlock.ts", "if (othersCouldWake()) return", ""],
  [
    "run/deadlock.ts",
    "run.isTold || ",
    "",
    "Node.js asks no more once the run is held, unless a program emits `beforeExit` by itself."
  ],
  [
    "run/deadlock.ts",
    "if (workers.length > 0) return true",
    "",
    "The ports of a thread count as well: with them there are more than Node.js has by itself."
  ],
  ["run/deadlock.ts", 'if (active.filter(({ type }) => type === "async").length > ownAsyncs) return true', ""],
  ["run/deadlock.ts", 'type === "signal" ? !listensOnly(signal) : ', ""],
  ["run/deadlock.ts", "isWaitedFor || hasTimers()", "isWaitedFor"],
  ["run/deadlock.ts", "if (fail === undefined) loop", "if (true) loop"],
  ["run/deadlockText.ts", "if (owners.length === 0) return describeWait(task)", ""],
  ["run/deadlockText.ts", 'safely(() => String(owner), "a lock")', "String(owner)"],
  ["run/deadlockText.ts", 'holders.length === 0 ? "" : ', ""],
  [
    "run/deadlockText.ts",
    "abridged(tasks, mostNamed, (task) => lineOf(task, nameOf))",
    "tasks.map((task) => lineOf(task, nameOf))"
  ],
  ["run/deadlockText.ts", "if (edges.has(id)) edges", "edges"],
  ["run/deadlockText.ts", "if (!seen.has(start)) enter(start)", "enter(start)"],
  ["run/deadlockText.ts", "else if (!seen.has(value)) enter", "else enter"],
  [
    "run/heldRuns.ts",
    "if (versions?.node === undefined || versions.bun !== undefined || versions.deno !== undefined) return false",
    "",
    "For Bun, Deno and hosts without a process, where `npm run test:runtimes` runs the tests as well."
  ],
  [
    "run/heldRuns.ts",
    'if (held.size === 0) process!.on("beforeExit", beforeExit)',
    'process!.on("beforeExit", beforeExit)'
  ],
  [
    "run/heldRuns.ts",
    'if (held.size === 0) process!.off("beforeExit", beforeExit)',
    'process!.off("beforeExit", beforeExit)'
  ],
  ["run/heldRuns.ts", 'if (held.size === 0) process!.off("beforeExit", beforeExit)', ""],
  [
    "run/heldRuns.ts",
    'if (process!.listeners("beforeExit").some((listener) => listener !== beforeExit && !isOwnEnd(listener))) return',
    ""
  ],
  ["run/heldRuns.ts", "if (ending.length === 0) return tellDeadlocks(held)", "return tellDeadlocks(held)"],
  ["model/DeadlockError.ts", ' ?? "something outside of the loop"', ""],
  ["model/DeadlockError.ts", "abridged(tasks, mostNamed, describeWait)", "tasks.map(describeWait)"],
  ["model/DeadlockError.ts", "text ?? ", ""],
  ["task/waits.ts", "attempt?.waiters.owner ?? ", ""],
  ["task/waits.ts", " ?? future?.owner", ""]
]

const inspecting: ReadonlyArray<Mutation> = [
  ["run/inspecting.ts", "knownInspector() ?? ", ""],
  [
    "run/inspecting.ts",
    "await inspector(options)\n  } catch (exception) {",
    "await inspector(options)\n  } catch (exception) {\n    throw exception"
  ],
  ["run/inspecting.ts", "if (!isMissing(error)) throw error", ""],
  ["run/inspecting.ts", "if (!isMissing(error)) throw error", "throw error"],
  ["task/observers.ts", "else if (before instanceof Observers) before.add(observer)\n", "\n"],
  ["task/observers.ts", "if (now === observer) loop.observer = undefined\n    else if", "if"],
  ["task/observers.ts", "if (now.members.length === 1) loop.observer = now.members[0]", ""],
  ["task/observers.ts", "this.#inSteps.pop()!.toReversed()", "this.members.toReversed()"],
  ["task/observers.ts", "this.#inSteps.pop()!.toReversed()", "this.#inSteps.pop()!"],
  ["task/observers.ts", "if (noted !== undefined) return noted", "return noted"],
  ["task/measuring.ts", "if (task.root !== undefined) return\n", "\n"],
  ["task/measuring.ts", " || this.#timed !== undefined", ""],
  ["task/measuring.ts", "if (task !== this.#timed) return\n", "\n"],
  ["task/measuring.ts", "if (task === this.#timed) this.#timed = undefined", ""],
  ["task/coroutineTexts.ts", "if (!Effect.isEffect(coroutine)) return [coroutine.describe()]", ""],
  ["task/coroutineTexts.ts", "frames.length > 0 ? frames : [", "["],
  ["task/coroutineTexts.ts", "if (runningTask() === task) return runningLine()", ""],
  ["task/coroutineTexts.ts", "fiberOf(task) === undefined ? frame?.definedAt : undefined", "frame?.definedAt"],
  ["task/coroutineTexts.ts", "if (task.root === undefined) return definedAt", ""],
  ["task/coroutineTexts.ts", "if (runningAt !== undefined) return runningAt", ""],
  [
    "task/coroutineTexts.ts",
    "currentTaskOf(task.loop) === task ? runningLineOf(name) : undefined",
    "runningLineOf(name)"
  ],
  ["task/taskMethods.ts", "if (ancestor !== undefined) ancestor.ref = this.toRef()", ""],
  ["task/taskMethods.ts", "?.labels ?? noLabels", "!.labels"],
  ["loop/knownLoops.ts", "if (loops.size % betweenSweeps === betweenSweeps - 1) knownLoops()", ""],
  ["loop/knownLoops.ts", " || loop.isClosed()", ""],
  [
    "loop/knownLoops.ts",
    'if (typeof WeakRef !== "function") return loop',
    "",
    "For a host without weak references, which none is that the tests run on."
  ],
  ["model/made.ts", "if (listeners === undefined) return\n", "\n"],
  ["model/made.ts", "...(listeners ?? []), ", ""],
  ["model/made.ts", "listeners?.filter((each) => each !== own) ?? []", "[] as ReadonlyArray<Listener>"],
  [
    "model/made.ts",
    "left.length === 0 ? undefined : left",
    "left",
    "An empty list tells nobody. A matter of speed: what is made costs a comparison, and no object, where nobody listens."
  ]
]

const requests: ReadonlyArray<Mutation> = [
  ["task/request.ts", "if (known !== undefined) return known", ""],
  [
    "task/request.ts",
    " || other === shown",
    "",
    "Whoever asks what a request hides asks for the request as well, and has it once. A matter of memory."
  ],
  ["task/request.ts", "if (request.hidden === undefined) request.hidden = [hidden]\n  else if", "if"],
  ["task/request.ts", "else if (!request.hidden.includes(hidden)) request.hidden.push(hidden)", ""],
  ["combine/ownRequest.ts", ".filter((error) => error !== own)", ""],
  ["combine/ownRequest.ts", "others.find(byProgram) ?? ", ""],
  ["combine/ownRequest.ts", "if (other === undefined) return\n", "\n"],
  ["combine/ownRequest.ts", "requestOf(error).error === own || ", ""],
  ["combine/member.ts", 'this.#ready.done() ? undefined : "has', '"has'],
  ["task/plainWait.ts", "if (this.dead) return\n", "\n"],
  ["task/plainWait.ts", "this.abandoned()\n    super", "super"]
]

const givenValues: ReadonlyArray<Mutation> = [
  ["model/loopArguments.ts", 'checkOptions(options, operation, "{ debug: true }")', ""],
  ["model/loopArguments.ts", "checkMaxThreads(maxThreads)\n", "\n"],
  ["model/loopArguments.ts", "if (aroundIteration !== undefined) {", "if (false) {"],
  ["model/loopArguments.ts", 'has(clock, "sleep") && ', ""],
  ["model/loopArguments.ts", ' && has(clock, "monotonicTimeNanosUnsafe")', ""],
  ["model/loopArguments.ts", "if (context !== undefined && !Context.isContext(context)) {", "if (false) {"],
  ["model/loopArguments.ts", "checkLoopOptions(options, operation)\n", "\n"],
  ["model/loopArguments.ts", "if (grace !== undefined) toMillis(grace as Duration.Input)", ""],
  ["model/loopArguments.ts", "if (loopFactory !== undefined) checkFunction(", "void ("],
  ["model/loopArguments.ts", '(typeof inspect !== "object" || inspect === null)', "false"],
  ["model/loopArguments.ts", " || inspect === null", ""],
  ["model/loopArguments.ts", ' && onDeadlock !== "fail"', ' && onDeadlock !== "fail" && false'],
  ["model/loopArguments.ts", ' && typeof given.callSoonUnsafe === "function"', ""],
  ["model/loopArguments.ts", "checkCopy(given)\n", "\n"],
  ["model/loopArguments.ts", ' && has(scope, "await")', ""],
  ["model/loopArguments.ts", ' && typeof given.describe === "function"', ""],
  ["combine/scopeBody.ts", "checkBody(body, operation)\n", "\n"],
  ["combine/scopeBody.ts", "effectOf(body(timeout), operation)", "body(timeout) as Effect.Effect<A, E, R>"],
  ["combine/hostThreads.ts", "catch {\n    throw noThreads()\n  }", "finally {}"],
  ["model/Future.ts", 'typeof value === "object" && value !== null && ', ""],
  ["model/TaskRef.ts", 'typeof givenName === "number" ? `Task-${givenName}` : givenName', "String(givenName)"],
  ["model/TaskRef.ts", "((globalThis as { [counter]?: Counter })[counter] ??= { last: 0 })", "{ last: 0 }"],
  ["model/errorClasses.ts", "} catch {\n    return false\n  }", "} finally {}"],
  ["model/errorClasses.ts", "Object.getPrototypeOf(this) === Base\n", "true\n"],
  ["model/errors.ts", "if (print === undefined) return String(this)", ""],
  ["model/errors.ts", "task === undefined ? { hint, cause } : ", ""],
  [
    "model/errors.ts",
    "isInstance(error, KeyboardInterrupt) ? error : undefined",
    "error as KeyboardInterrupt | undefined"
  ],
  [
    "task/fiberInside.ts",
    "known ??= ",
    "",
    "The class of fibers is the same each time. A matter of speed: without it a fiber is run for each task."
  ],
  ["compat/checkBody.ts", 'return lowlevel.checkFunction(body, "a task", "async () => ...")', "return"],
  ["compat/settledResult.ts", "Exit.isSuccess(exit)\n", "true\n"],
  ["compat/isEffect.ts", 'typeof value === "function" || ', ""],
  ["compat/isEffect.ts", " && value !== null", ""]
]

export const looking: ReadonlyArray<Mutation> = [...leaks, ...deadlocks, ...inspecting, ...requests, ...givenValues]
