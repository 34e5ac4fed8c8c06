// The guards of kinds of cancellation, of trees of tasks and what is told of them, of handlers, and of what tasks and their parts know
// of each other; see mutationList.ts.
import type { Mutation } from "./mutationList.ts"

const kinds: ReadonlyArray<Mutation> = [
  ["cancelHandlers.ts", ".filter((handler) => handler !== undefined)", ""],
  ["cancelHandlers.ts", "return handlers.length > 0 ? handlers : [given]", "return isObject ? handlers : [given]"],
  ["cancelHandlers.ts", ' && generatorKind(handler) !== "async generator function"', ""],
  ["cancelHandlers.ts", "Object.hasOwn(given, error.kind) ? (given", "true ? (given"],
  ["core/catchCancelled.ts", "if (!Effect.isEffect(self)) return", "if (false) return"],
  ["compat/catchCancelled.ts", "if (handler === undefined) throw error", "if (handler === undefined) return undefined"],
  ["compat/catchCancelled.ts", "if (isDeep()) await Promise.resolve()", ""],
  ["compat/catchCancelled.ts", "unseen === undefined ? value : await handle(unseen)", "value"],
  ["exceptStar.ts", "error !== group || !isInstance(this.error, ExceptionGroup)", "true"],
  ["exceptStar.ts", "error !== group || !isInstance(this.error, ExceptionGroup)", "error !== group"],
  ["exceptStar.ts", "raised.length === 1 && isCancelled(first)", "false"],
  ["exceptStar.ts", "takes(member) && !this.#taken.has(member)", "takes(member)"],
  ["exceptStar.ts", "!isInstance(error, ExceptionGroup) &&\n    (takes", "(takes"],
  ["exceptStar.ts", "(takesCancellations || !isCancelled(error)) &&", ""],
  ["model/thrown.ts", "isCancelled(error) || ", ""],
  ["model/thrown.ts", "isGroup(error) || ", ""],
  ["model/thrown.ts", "isTagged(error) || ", ""],
  ["model/thrown.ts", " || asKeyboardInterrupt(error) !== undefined", ""],
  ["model/thrown.ts", "known.get(group) ?? ", ""],
  ["model/thrown.ts", "error.leaves().some(isTagged) ? regrouped(error) : error", "regrouped(error)"],
  ["ExceptionGroup.ts", "if (matches(group)) return [group, undefined]", ""],
  ["ExceptionGroup.ts", "if (rest.length === 0) return [group, undefined]", ""],
  ["ExceptionGroup.ts", "if (matching.length === 0) return [undefined, group]", ""],
  ["ExceptionGroup.ts", "if (this.cause !== undefined) group.cause = this.cause", ""],
  ["ExceptionGroup.ts", "error.errors.toReversed()", "error.errors"]
]

const trees: ReadonlyArray<Mutation> = [
  ["tree.ts", "if (ancestor !== undefined) known", "known"],
  ["tree.ts", "knownAncestorOf(root)?.creates === true", "true"],
  ["tree.ts", ".filter(isLinked)", ""],
  ["ancestry.ts", "ancestor.creates = true", ""],
  ["core/cancelAndWait.ts", ".filter((task) => task !== caller.task)", ""],
  ["core/cancelAndWait.ts", "if (asker !== undefined && !roots.has(asker)) all.delete(asker)", ""],
  ["core/cancelAndWait.ts", "asker !== undefined && !roots.has(asker)", "asker !== undefined"],
  ["core/cancelAndWait.ts", "if (members.size === 0) return report\n", "\n"],
  ["core/cancelAndWait.ts", "].sort((a, b) => a.id - b.id))", "])"],
  ["cancelReport.ts", "else if (task.cancelled()) report.cancelled.push(task)", ""],
  ["cancelReport.ts", " && way.size <= mostNamed", ""],
  ["cancelReport.ts", 'next() !== undefined\n    ? [...names, "..."]', 'false\n    ? [...names, "..."]'],
  ["cancelReport.ts", 'future === undefined || future.kind === "Task"', "future === undefined"],
  ["promote.ts", "if (member === undefined) throw", "if (false) throw"],
  ["promote.ts", "  member.release()\n", ""],
  ["promote.ts", "ancestor.detached = ancestor.promoted = true", "ancestor.promoted = true"],
  ["promote.ts", "ancestor.detached = ancestor.promoted = true", "ancestor.detached = true"],
  ["task/endedTasks.ts", "new Kept(count, loop.ended?.toArray())", "new Kept(count, undefined)"],
  ["task/endedTasks.ts", "count === 0 ? undefined : new", "new"],
  ["task/endedTasks.ts", "Exit.isFailure(exit) && cancellation === undefined", "Exit.isFailure(exit)"],
  ["compat/given/queries.ts", "given instanceof Future || typeof given", "typeof given"]
]

const signalHandlers: ReadonlyArray<Mutation> = [
  ["loop/signals.ts", "for (const handler of this.#handlers.values()) handler()", ""],
  ["loop/signals.ts", ".filter(({ loop }) => !this.#handlers.has(loop))", ""],
  ["loop/signals.ts", "host!.off(this.#signal, this.#listener)\n", "\n"],
  ["loop/signals.ts", 'if (signal === "SIGKILL" || signal === "SIGSTOP") {', "if (false) {"],
  ["loop/signals.ts", "!Object.hasOwn(numbers, signal) && host", "host"],
  ["make/eventLoop.ts", "for (const signal of this.#signals) unhandleSignal(this, signal)", ""],
  [
    "make/eventLoop.ts",
    "this.#signals.delete(signal)\n",
    "\n",
    "To take away at the end of the loop what was taken away before does nothing; it is a matter of memory."
  ]
]

const parts: ReadonlyArray<Mutation> = [
  ["taskTexts.ts", "passedOn(task) ?? ", ""],
  ["task/current.ts", "task !== undefined && task.exit === undefined) return task", "task !== undefined) return task"],
  [
    "task/current.ts",
    "insideTask === true && scope.fiber === fiber ?",
    "insideTask === true ?",
    "While a body runs on a fiber of its own, the task's fiber waits for that one and for nothing else: no code of a program runs in it, and nobody asks. What is known is to be true all the same."
  ],
  ["task/current.ts", "if (loop !== undefined) checkCopy(loop)", ""],
  ["task/current.ts", "fiber === undefined || fiber === loop.aroundStep ?", "fiber === undefined ?"],
  [
    "task/current.ts",
    "task !== undefined && Context.get(task.base, RunningLoop) === fiber.getRef(RunningLoop) ? task : undefined",
    "task"
  ],
  ["boundary.ts", "canPush() && insideOf(fiber).interruptible", "canPush()"],
  ["boundary.ts", "this.#childrenAround?.has(child) !== true", "true"],
  ["boundary.ts", "interior._interruptedCause = others\n", "\n"],
  ["boundary.ts", "if (others !== undefined) return Exit.failCause(others)", ""],
  [
    "boundary.ts",
    "Exit.isSuccess(exit) || !Cause.hasInterrupts(exit.cause) ? Exit.failCause",
    "false ? Exit.failCause"
  ],
  ["current.ts", "fiber.getRef(CurrentTask) !== undefined ? body : Effect", "Effect"],
  [
    "task/nextIteration.ts",
    "scope === undefined || !canSuspend()",
    "scope === undefined",
    "For an Effect whose insides are others, which none is that the tests could run on; effectInternals.test.ts says what is relied on."
  ],
  ["cannotAwait.ts", "if (isOfOtherCopy(future.loop)) return twoCopies(future.loop)", ""],
  ["cannotAwait.ts", "selfAwaits.get(task) ?? task", "task"],
  ["longSteps.ts", "if (!this.#ownsStep(fiber)) return true", ""],
  ["longSteps.ts", " && !(looks && this.#takesLong())", ""],
  ["longSteps.ts", "this.#givingWay = undefined\n    return", "return"],
  ["longSteps.ts", "fiber !== undefined && fiber === gaveWay", "fiber !== undefined"]
]

const texts: ReadonlyArray<Mutation> = [
  ["taskTexts.ts", "printing.has(task) || printing.size === mostPrinted", "printing.size === mostPrinted"],
  ["taskTexts.ts", "printing.has(task) || printing.size === mostPrinted", "printing.has(task)"],
  ["taskTexts.ts", "} finally {\n    printing.delete(task)\n  }", "} finally {}"],
  ["taskTexts.ts", "task.cancellation ?? task.root?.due", "task.cancellation"],
  ["taskTexts.ts", 'awaited?.kind === "Task" ?', "false ?"],
  [
    "threadProgram.ts",
    "if (!(error instanceof SyntaxError)) throw error",
    "",
    "Only a process begun with `--disallow-code-generation-from-strings` fails here with another error, an EvalError; its hint would be that for methods."
  ],
  ["threadProgram.ts", "if (!isQuiet()) await Promise.all(unwritten().map(flush))", ""],
  ["threadProgram.ts", "!stirred && resources !== undefined", "resources !== undefined"],
  ["threadProgram.ts", "hint: hintOf(error) ?? hint", "hint"],
  [
    "compat/callSite.ts",
    "if (!loop.getDebug()) return undefined",
    "if (false) return undefined",
    "Nobody prints the place but in debug mode. A matter of speed: a stack trace costs more than half a task, as `npm run bench` shows."
  ],
  ["compat/signalOfEffect.ts", "if (known !== undefined) return known", ""],
  ["compat/signalOfEffect.ts", "if (core.cancelled()) controller", "controller"]
]

const variables: ReadonlyArray<Mutation> = [
  ["variablesOf.ts", "?? task?.variables ?? currentVariables(loopOf(fiber))", "?? task?.variables"],
  ["variablesOf.ts", "fiber === undefined || taskOf(fiber) === undefined ? undefined : fiber", "fiber"],
  ["enteredVariables.ts", "ofCall === undefined || ofEffect?.inCall === ofCall ?", "ofCall === undefined ?"],
  ["enteredVariables.ts", "ofCall === undefined || ofEffect?.inCall === ofCall ?", "true ?"],
  ["enteredVariables.ts", "} finally {\n    ofCall = outer\n  }", "} finally {}"],
  ["enteredVariables.ts", "entered.isTask ? within === task : task === undefined || within === fiber", "true"],
  ["contextVars.ts", "let isEntered = task?.variables === this.inner", "let isEntered = false"],
  [
    "contextVars.ts",
    "for (let at = outer; at !== undefined; at = at.outer) isEntered ||= at.values === this.inner",
    ""
  ],
  ["bodies.ts", "body !== undefined || typeof first", "typeof first"],
  ["bodies.ts", " && Object.getPrototypeOf(value) === Object.prototype", ""]
]

const testing: ReadonlyArray<Mutation> = [
  ["virtualTimeSource.ts", "if (!under) return\n", "\n"],
  ["virtualTimeSource.ts", "if (wait !== this.#wait) return\n", "\n"],
  ["virtualTimeSource.ts", "if (life !== this.#life) return wait.until", "if (false) return wait.until"],
  ["virtualTimeSource.ts", "if (--wait.left >= 0) return this.#look(wait, life, time)", ""],
  ["virtualTimeSource.ts", "if (this.#threads > 0) return this.#waitForThreads(wait)", ""],
  ["virtualTimeSource.ts", "this.#promiseLeft > 0 || this.#promiseMacrotasksLeft > 0", "false"],
  ["virtualTimeSource.ts", "wait.extendable && this.inForeignEffect()", "false"],
  ["virtualTimeSource.ts", "if (life !== this.#life) return this.#look(wait, life, time)", ""]
]

export const treesAndTexts: ReadonlyArray<Mutation> = [
  ...kinds,
  ...trees,
  ...signalHandlers,
  ...parts,
  ...texts,
  ...variables,
  ...testing
]
