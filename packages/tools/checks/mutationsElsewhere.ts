// The guards that stand outside of the heart, room by room; see mutationList.ts.
import type { Mutation } from "./mutationList.ts"

const data: ReadonlyArray<Mutation> = [
  ["heap.ts", "    this.#dropDead()\n    return this.#items[0]", "    return this.#items[0]"],
  ["heap.ts", "if (!item.queued) return\n", "\n"],
  ["heap.ts", "(order === 0 && a.sequence < b.sequence)", "false"],
  ["heap.ts", "if (last !== first) this.#down(last, 0)", "this.#down(last, 0)"],
  ["heap.ts", "return this.#items.filter((item) => item.queued)", "return this.#items"],
  [
    "heap.ts",
    "for (let index = (this.#items.length >> 1) - 1; index >= 0; index--) this.#down(this.#items[index]!, index)",
    ""
  ],
  ["linkedList.ts", "if (previous === undefined) return\n", "\n"],
  ["linkedList.ts", "if (next === undefined) this.#last = before\n    else next.", "next!."],
  ["queueItems.ts", "      this.#head = 0\n", "\n"],
  ["queueItems.ts", "this.#items[this.#head++] = undefined", "this.#head++"],
  ["readyQueue.ts", "this.#items[this.#head] = undefined\n", "\n"],
  ["readyQueue.ts", "if (this.size > this.#mask) this.#grow()", ""],
  ["text.ts", "isPlain(text) ? text : text.replace(unprintable, escapeOf)", "text"],
  ["text.ts", "isHigh(text.charCodeAt(length - 1)) ? length - 1 : length", "length"],
  ["text.ts", "isLow(text.charCodeAt(start)) ? start + 1 : start", "start"],
  ["text.ts", "text.length <= 2 * longest ? text : head(text, longest) + tail(text, longest)", "text"],
  ["text.ts", "escaped.includes(\"'\") && !escaped.includes('\"')", "false"],
  ["text.ts", "if (items.length <= most) return items.map(text)", "if (true) return items.map(text)"],
  ["ring.ts", "if (this.#items.length < this.limit) {", "if (this.#items.length <= this.limit) {"]
]

const host: ReadonlyArray<Mutation> = [
  ["host.ts", "this.#rings?.()\n  }", "}"],
  ["host.ts", "if (host.setTimeout !== this.#timers) this.#change()", ""],
  ["host.ts", "Math.min(Math.max(Math.ceil(when - begin), 0), longestTimeout)", "Math.max(Math.ceil(when - begin), 0)"],
  ["host.ts", "Math.ceil(when - begin)", "Math.floor(when - begin)"],
  ["host.ts", "this.#clear?.()\n    // Rounded", "// Rounded"],
  ["host.ts", "/ 1_000_000, this.#reached)", "/ 1_000_000, -Infinity)"],
  ["host.ts", "this.clearAlarm()\n    const ring", "const ring"],
  ["host.ts", ";(timer as { unref?: () => void }).unref?.()", ""],
  ["host.ts", "if (isOver) return\n", "\n"],
  ["host.ts", "if (host.setTimeout === setTimeout) return nextMacrotask(f)", "if (true) return nextMacrotask(f)"],
  ["nesting.ts", "depth >= deepest", "depth < 0"],
  ["nesting.ts", "if (isDeep()) loop.enqueue({ run: () => nested(f) })\n  else nested(f)", "nested(f)"],
  ["stack.ts", "lines.filter((line) => !isFrame(line) || !isOurs(line))", "lines"],
  ["stack.ts", "(hasProgram ? shown : shown.filter((line) => !isFrame(line)))", "shown"],
  ["stack.ts", "return f()\n  } finally {\n    V8Error.stackTraceLimit = before", "return f()\n  } finally {"],
  [
    "stack.ts",
    "return new Class(a, b)\n  } finally {\n    V8Error.stackTraceLimit = before",
    "return new Class(a, b)\n  } finally {"
  ],
  ["stack.ts", "!seen.has(each) && seen.size < mostCauses", "true"],
  ["asyncContext.ts", "} finally {\n          frames.set(outer)\n        }", "} finally {}"],
  ["asyncContext.ts", "frames === undefined ? withoutStores(", "true ? withoutStores("],
  ["asyncContext.ts", "withoutStores(captureAsyncContext()) : undefined", "captureAsyncContext() : undefined"]
]

const model: ReadonlyArray<Mutation> = [
  ["copy.ts", "(loop as Made).copy !== thisCopy", "false"],
  ["repr.ts", 'if (cancelled) return "cancelled"', ""],
  ["repr.ts", "abridged(callbacks, 2, ({ label }) => label)", "callbacks.map(({ label }) => label)"],
  ["repr.ts", "if (exit !== undefined && !parts.cancelled)", "if (exit !== undefined)"],
  ["format.ts", 'if (this.#path.has(value)) return "[Circular]"', ""],
  ["format.ts", 'if (this.#left-- <= 0) return "..."', ""],
  ["format.ts", '!("value" in property) ? "[Getter]"', 'false ? "[Getter]"'],
  ["format.ts", "if (isRedactable(value)) return this.text(getRedacted(value))", ""],
  ["variables.ts", "inUse ? new ContextValues(currentVariables(loop)?.values ?? new Map()) : undefined", "undefined"],
  ["variables.ts", "  ofCallback = outer\n", "\n"],
  ["CancelledError.ts", "if (this !== CancelledError) return", "if (false) return"],
  [
    "CancelledError.ts",
    "(#request in error ? error.#request : requestsOfOthers.get(error))",
    "requestsOfOthers.get(error)"
  ],
  ["CancelledError.ts", "if (reason !== undefined) this.message = reason", ""],
  [
    "CancelledError.ts",
    "for (const witness of witnesses) if (witness(error)) yes = true",
    "for (const witness of witnesses) if (witness(error)) return true"
  ],
  ["hints.ts", "if (task?.loop.getDebug() !== true) hideOwnFrames(error)", ""],
  ["hints.ts", "task?.loop.getDebug() === true ? make() : withStackOf(0, make)", "make()"],
  ["hints.ts", "ambientTask = () => find() ?? before()", "ambientTask = find"],
  ["arguments.ts", 'if (typeof when !== "number") {', "if (false) {"],
  ["arguments.ts", 'if (typeof order === "number" && !Number.isNaN(order)) return order', "return order as number"],
  ["arguments.ts", "calendarUnits.every((unit) => !fields[unit])", "true"],
  ["arguments.ts", "if (generatorKind(value) === undefined) return\n", "if (true) return\n"]
]

const loop: ReadonlyArray<Mutation> = [
  ["iterations.ts", "if (timer.due === Infinity) return timer", ""],
  ["iterations.ts", "if (this.timers.size === 0) this.#clearAlarm()\n  }", "}"],
  [
    "iterations.ts",
    "if (!this.#working && !this.#scheduled) this.#schedule()\n  }\n\n  /** Puts a timer",
    "}\n\n  /** Puts a timer"
  ],
  ["iterations.ts", 'if (this.#hostFirst) return "slice"', ""],
  ["iterations.ts", 'if (this.#settling) return "settle"', ""],
  ["iterations.ts", 'if (now() >= this.#sliceEnd) return "slice"', ""],
  ["iterations.ts", 'if (this.#mixed && !this.stopping) return ready.size > 0 ? "settle" : "idle"', ""],
  ["iterations.ts", "if (taken >= this.slowCallbackDuration)", "if (false)"],
  ["iterations.ts", "this.#time.idle?.()", ""],
  ["iterations.ts", "this.adrift === 0 && ", ""],
  ["iterations.ts", "&& --this.#iterationsLeft > 0", ""],
  ["iterations.ts", "} else if (first !== this.#alarmAt) {", "} else {"],
  ["iterations.ts", "if (this.#working) this.#schedule()\n    else this.#work()", "this.#work()"],
  ["iterations.ts", "while (this.ready.size > 0) this.ready.shift().dropped?.(outside)", ""],
  ["iterations.ts", "timer.dropped?.(outside)", "void outside"],
  ["iterations.ts", "stack.loop = outer\n", "\n"],
  ["stepEnd.ts", "isOnly && task?.waits === 0", "isOnly"],
  [
    "stepEnd.ts",
    "else if (--this.#left > 0) void settled.then(this.#look)\n    else this.#unknown()",
    "else void settled.then(this.#look)"
  ],
  ["stepEnd.ts", "if (task === this.#task) this.#task = undefined", "this.#task = undefined"],
  ["runs.ts", "if (this.#end === end) loop.stopAfterIteration()", "loop.stopAfterIteration()"],
  ["runs.ts", "awaited.removeDoneCallbackUnsafe(onDone)", ""],
  ["runs.ts", "if (loop.stopping) loop.enqueue({ run: () => loop.stopAfterIteration() })", ""],
  ["runs.ts", "this.#stopError = undefined\n", "\n"],
  ["runs.ts", "if ((future.loop as unknown) !== loop) throw ofOtherLoop()", ""],
  ["failures.ts", "if (!this.#pending.has(failure)) return", ""],
  ["failures.ts", "if (this.#pending.size === 0) atExit.delete(this)", ""],
  ["failures.ts", "this.#collected?.register(owner, () => this.#tell(failure), failure)", ""],
  ["failures.ts", "if (this.untilExit) reportAtExit(this)", ""],
  ["reports.ts", "if (task.outlivesLoop === true) continue", ""],
  ["reports.ts", "if (!this.#loop.getDebug()) hideOwnFramesOfAll(context.exception)", ""],
  ["reports.ts", "this.#log(broken, services)\n", "\n"],
  ["reports.ts", "const outer = enterVariables(failure.variables)", "const outer = enterVariables(undefined)"],
  ["reports.ts", "failure.shielded === true ? behindShield(failure.error) : ", ""],
  ["reports.ts", "for (const hint of [ofException, context.hint])", "for (const hint of [context.hint])"],
  ["handle.ts", "if (this.#callback !== undefined) callWith(this.#stores, this)", "callWith(this.#stores, this)"],
  ["handle.ts", "this.loop.removeTimer(this)", ""],
  ["handle.ts", "lineage.inCallback = false", ""],
  ["handle.ts", "  loop.checkOpen()\n  const isCoroutine", "  const isCoroutine"],
  ["handle.ts", "} finally {\n    leaveVariables(outer)\n  }", "} finally {}"],
  ["iterations.ts", "(this.#working || this.#pausing) && this.#time.dear === true", "this.#time.dear === true"]
]

const task: ReadonlyArray<Mutation> = [
  ["future.ts", "if (!entry.dead) this.loop.enqueue(entry)", "this.loop.enqueue(entry)"],
  [
    "future.ts",
    "if (entries === undefined || !isOf(entries, callback)) return 0",
    "if (entries === undefined) return 0"
  ],
  ["future.ts", "if (!awaited) releaseStack(error)", ""],
  ["future.ts", "this.loop.failures.delete(this.unretrieved)", ""],
  ["shield.ts", "if (unretrieved !== undefined) unretrieved.shielded = true", ""],
  ["futureMethods.ts", "if (this.cancelled()) return exit as Exit.Exit<never, CancelledError>", ""],
  ["futureMethods.ts", "if (cancellation !== undefined) this.completeCancelled(cancellation)\n    else if", "if"],
  ["futureMethods.ts", "return [...tasks].filter((task) => task.exit === undefined)", "return [...tasks]"],
  ["futureMethods.ts", "this.loop.checkOpen()\n", "\n"],
  ["doneEntries.ts", "if (++this.#dead * 2 <= this.items.length) return", "if (true) return"],
  ["doneEntries.ts", "if (this.#byCallback !== undefined) this.#index(this.#byCallback, entry)\n    else if", "if"],
  ["doneEntries.ts", "index?.delete(callback)", ""],
  ["doneEntries.ts", "if (!entry.dead) this.#index(index, entry)", "this.#index(index, entry)"],
  ["doneEntries.ts", "this.#fed = weakly(fed)", "this.#fed = { deref: () => fed }"],
  ["doneEntries.ts", "for (const entry of this.#entries) entry.future.removeEntry(entry)", ""],
  ["sleepFuture.ts", "if (this.exit === undefined) this.complete(Exit.void)", "this.complete(Exit.void)"],
  [
    "suspend.ts",
    "if (suspending.scope === undefined || suspending._deferredInterrupt) interruptedInWait(suspending)",
    ""
  ],
  [
    "suspend.ts",
    "suspended._asyncContext?.emitDestroy?.()\n  suspended._asyncContext = undefined",
    "",
    "For fibers of Effect's own: with EFFECT_ASYNCIO_FAST_PATHS=off, as CI runs all tests as well, asyncContext.test.ts fails without it."
  ],
  ["suspend.ts", "suspended.adoptStores?.()", ""],
  ["nestedParts.ts", "if (isDeep()) return new Unwinding", "if (false) return new Unwinding"],
  ["nestedParts.ts", "if (this.dead) return\n", "\n"],
  ["nestedParts.ts", "this.scope?.removeWait(this)", ""],
  [
    "ownFrames.ts",
    'if (this.#state === "inside") this.#interruptible = fiber.interruptible',
    "this.#interruptible = fiber.interruptible"
  ],
  [
    "ownFrames.ts",
    "if (fiber._interruptedCause === undefined) fiber.interruptible = this.#interruptible\n    else {",
    "fiber.interruptible = this.#interruptible\n    if (false) {"
  ],
  ["taskFiber.ts", "if (this._yielded === parked && this.interruptible) interruptedInWait(this)", ""],
  [
    "taskFiber.ts",
    "this.insideTask = Context.get(context, CurrentTask) === task && Context.get(context, RunningLoop) === task.loop",
    ""
  ],
  ["taskFiber.ts", "if (left !== outer) stores.set(outer)", ""],
  ["taskFiber.ts", "if (frame !== frameHere && frame !== outer) stores.set(frame)", ""],
  ["lineage.ts", "if (this.#depth === 0 && around.length > mostKept) around.length = 0", ""],
  ["lineage.ts", "this.#loop.noteForeign()", ""],
  ["lineage.ts", "if (this.#isBranch(fiber, task)) this.#tellEnd(fiber)\n    else fiber", "fiber"],
  ["lineage.ts", "if (fiber.context === this.#ending) return true", ""],
  ["lineage.ts", "workingLoop() === this.#loop && !this.inCallback", "workingLoop() === this.#loop"],
  ["lineage.ts", "this.#loop.ambientTask?.(this.#loop) === task", "false"],
  ["frames.ts", 'text.length <= longestLine ? text : text.slice(text.lastIndexOf("("))', "text"],
  ["frames.ts", "fileOf(calledAt) === fileOf(definedAt)", "true"],
  ["frames.ts", "abridged(frames, mostFrames, frameText)", "frames.map(frameText)"],
  ["promises.ts", "if (known !== undefined) return known\n  const native", "const native"],
  ["promises.ts", "waiting.delete(promise)\n", "\n"],
  ["promises.ts", "if (this.exit === undefined && !loop", "if (!loop"],
  ["promises.ts", "if (this.exit === undefined && !loop.isClosed())", "if (this.exit === undefined)"],
  ["promises.ts", "this.#giveUp()\n", "\n"],
  ["promises.ts", "this.#over?.()\n    this.#giveUp", "this.#giveUp"],
  ["callbackTask.ts", "if (this.exit !== undefined) return\n    if (this.waits", "if (this.waits"],
  ["callbackTask.ts", "if (left < before) this", "this"],
  ["callbackTask.ts", "if (--this.waits === 0 && this.root !== undefined) this.loop.adrift++", "--this.waits"],
  ["fiberTask.ts", "if (scope === undefined || scope.watched) return", "if (scope === undefined) return"],
  ["fiberTask.ts", "this.loop.noteForeign()\n", "\n"],
  ["wait.ts", "this.#over?.()\n    this.scope!", "this.scope!"],
  ["ancestry.ts", "above = above.detached ? undefined : above.parent", "above = above.parent"],
  ["ancestry.ts", "depth < nextLook ? depth : this.#shorten()", "depth"],
  ["tree.ts", "at = at.detached ? undefined : at.parent", "at = at.parent"],
  ["tree.ts", "(!task.detached && isBelow(birthOf(task).creator))", "isBelow(birthOf(task).creator)"],
  ["tree.ts", "return found.sort((a, b) => a.id - b.id)", "return found"],
  ["cancelWalk.ts", "if (begun !== false) this.#reached?.add(future)", ""],
  ["retelling.ts", "if (reached !== undefined) requestOf(again).reached = reached", ""]
]

const make: ReadonlyArray<Mutation> = [
  ["eventLoop.ts", "this.aroundStep = outerFiber", ""],
  ["eventLoop.ts", "this.running = outer\n", "\n"],
  ["contexts.ts", "if (task === this.#lastCreator) this.#lastContext = this.#lastCreator = undefined", ""],
  ["eventLoop.ts", "return task?.loop === this ? task : undefined", "return task"],
  ["eventLoop.ts", "for (const wait of this.plainWaits.toArray()) wait.fail()", ""],
  ["eventLoop.ts", "this.endThreads?.()", ""],
  ["eventLoop.ts", "this.failures.reportAll()", ""],
  ["contexts.ts", "else if (task.root?.entered === entered) this.#lastBase = task.base\n    else", "else"],
  ["contexts.ts", "else this.#lastBase = withoutTask(entered)", "else this.#lastBase = entered"],
  ["restOfStep.ts", "outside.scheduleTask(this.resume, 0)", ""],
  ["eventLoop.ts", "if (isTask(made)) return", "if (true) return"],
  [
    "loops.ts",
    "if (clock === hostClock) return { clock, outside, time: new HostTime(), nextMacrotask: nextHostMacrotask }",
    ""
  ],
  [
    "loops.ts",
    "runInAsyncContext(outermostAsyncContext, (first) => makePerpetualLoop(first), fiber)",
    "makePerpetualLoop(fiber)",
    "Whatever runs on the loop brings the stores that it sees; the loop itself, which is never closed, would only keep those of the code that needed it first."
  ],
  ["tasks.ts", "if (task.done()) return Effect.void", ""],
  ["tasks.ts", "taskOf(fiber) === task ? Effect.void : untilDone(task)", "untilDone(task)"],
  ["tasks.ts", "if (options?.variables !== undefined) task.variables = givenVariables(options.variables)", ""],
  ["ancestry.ts", "last.creator === ancestor && last.at === at", "last.at === at"]
]

const sync: ReadonlyArray<Mutation> = [
  ["attempt.ts", "this.waiters.leave(waiter)\n    this.#giveUp(!waiter.cancelled())", "this.waiters.leave(waiter)"],
  ["attempt.ts", "this.waiters.leave(wait.future)", ""],
  ["attempt.ts", "if (!woken) this.#giveUp(!waiter.cancelled())", ""],
  ["attempt.ts", "} catch (defect) {\n      return Exit.die(defect)", "} catch (defect) {\n      throw defect"],
  ["attempt.ts", "return Exit.isSuccess(done) ? hold.begin(fiber) : done", "return done"],
  [
    "attempt.ts",
    "if (this.hold === undefined || Exit.isFailure(done)) return super",
    "if (this.hold === undefined) return super"
  ],
  ["attempt.ts", "this.attempt.abandon(this.future)", ""],
  ["holding.ts", "    this.held.releaseUnsafe()\n", "\n"],
  ["holding.ts", "forget?.()\n            held.releaseUnsafe()", "forget?.()"],
  ["waitQueue.ts", "if (this.exit !== undefined) return false", ""],
  ["waitQueue.ts", "if (loop.ofClock) return loop", ""],
  ["waitQueue.ts", "if (this.#loop !== loop) {", "if (false) {"],
  ["waitQueue.ts", "if (!woken) waiter.cancelUnsafe()", ""],
  ["waitQueue.ts", "if (waiter.wake()) woken++", "if (waiter.wake()) woken += 0"],
  ["waitQueue.ts", "if (waiter.wake()) return\n", "waiter.wake()\n      return\n"],
  ["waitQueue.ts", "if (!waiter.cancelled()) return false", ""]
]

const combine: ReadonlyArray<Mutation> = [
  ["gather.ts", "retrieve it.\n      if (!child.cancelled()) child.markRetrieved()", "retrieve it."],
  ["gather.ts", "if (!this.#returnExceptions && Exit.isFailure(child.exit!))", "if (Exit.isFailure(child.exit!))"],
  ["gather.ts", "if (seen.has(future)) continue", ""],
  ["gather.ts", "if (future === member || !makesTasks) {", "if (future === member) {"],
  [
    "gather.ts",
    "this.#children = []\n",
    "\n",
    "A gather that is done asks nobody; one that the program keeps would keep its children, and what they gave. A matter of memory."
  ],
  ["gather.ts", "this.#membership.gathering = this.#membership.task = undefined", ""],
  ["gather.ts", "else if (!this.#child.cancelled()) this.#child.markRetrieved()", ""],
  ["gather.ts", "(last instanceof TaskImpl ? lastKeptBy(last) : undefined) ??", ""],
  ["gather.ts", "for (const child of this.#children) if (!child.cancelled()) child.markRetrieved()", ""],
  ["shield.ts", "if (inner.done()) return inner", ""],
  ["shield.ts", "if (inner.done()) return\n    if (waits", "if (waits"],
  ["shield.ts", "inner.removeDoneCallbackUnsafe(innerDone)", ""],
  ["shield.ts", "inner.removeDoneCallbackUnsafe(tellOfFailure)", ""],
  ["shield.ts", "if (waits !== undefined) inner.removeEntry(waits)", ""],
  ["waitUntil.ts", '(returnWhen === "FIRST_EXCEPTION" && failed(future))', "false"],
  ["waitUntil.ts", "if (!this.#future.done()) this.#future.removeEntry(this)", ""],
  ["waitUntil.ts", "!future.cancelled() && Exit.isFailure", "Exit.isFailure"],
  ["waitUntil.ts", "this.#timer?.cancelUnsafe()\n    for", "for"],
  ["completions.ts", "if (this.#todo.size === 0) this.#timer?.cancelUnsafe()", ""],
  ["completions.ts", "this.#feed.withdraw()", ""],
  ["completions.ts", "if (this.#left === 0) return Effect.succeed(undefined)", ""],
  ["awaitables.ts", "if (future.loop.meets(caller.loop)) return future\n", "return future\n"],
  ["awaitables.ts", "Effect.ensuring(settled, Effect.sync(over))", "settled"],
  ["taskGroup.ts", "if (this.#aborted !== undefined) task.cancelWith(this.#aborted)", ""],
  [
    "taskGroup.ts",
    "if (this.#members.size === 0) this.#allDone?.wake()",
    "this.#allDone?.wake()",
    "Whoever waits for the tasks would be woken by each of them, and wait again. A matter of speed: `npm run bench` has groups of many."
  ],
  ["taskGroup.ts", "Effect.flatMap(awaitOwn(waiter), () => this.#untilTasksDone())", "awaitOwn(waiter)"],
  ["taskGroup.ts", ".push(from)\n    this.#interrupt ??= asKeyboardInterrupt(error)", ".push(from)"],
  ["taskGroup.ts", "if (failedWith(task, this.#interrupt)) task.markRetrieved()", "task.markRetrieved()"],
  ["taskGroup.ts", 'if (this.#state === "finished" || this.#aborted !== undefined) return\n', "\n"],
  ["taskGroup.ts", "for (const task of this.#unseen ?? []) task.markRetrieved()\n", "\n"],
  ["timeout.ts", "    this.#clearAlarm()\n    if (this.#state", "    if (this.#state"],
  ["combine/timeout.ts", "isDueFromOutside(target) ? 1 : 0", "0"],
  ["task/kept.ts", "if (isOnStack(task)) onStack.add(task)\n  else onStack.delete(task)", "onStack.add(task)"],
  ["task/kept.ts", "  else onStack.delete(task)\n", ""],
  ["task/kept.ts", "onStack.has(task) && kept.get(task) === error", "onStack.has(task)"],
  [
    "task/onStack.ts",
    "creators.includes(task.id) || currentTaskOf(task.loop) === task",
    "currentTaskOf(task.loop) === task"
  ],
  ["timeout.ts", "if (when <= (now ?? loop.time())) loop.enqueue(alarm)\n    else loop", "loop"],
  ["threads.ts", "if (this.#busy >= this.#limit) return void this.#waiting.add(job)", ""],
  ["threads.ts", "if (job.done() || job.loop.isClosed()) return this.#release()", ""],
  ["threads.ts", "if (kept.thread.alive) return kept.thread", "return kept.thread"],
  ["threads.ts", "if (!reusable) {\n        void thread.stop()\n        return\n      }", ""],
  ["threads.ts", "      endOthers?.()\n", "\n"],
  ["threads.ts", "this.#limit ?? loop.maxThreads", "loop.maxThreads"],
  ["threads.ts", "this.#pool.leave(this)", ""],
  ["threads.ts", "void this.thread?.stop()", ""],
  ["threads.ts", "for (const thread of this.#running) void thread.stop()", ""],
  ["thread.ts", "this.#lastAnswer()\n    this.#port", "this.#port"],
  ["thread.ts", "this.#worker.unref()\n  }\n\n  get alive", "}\n\n  get alive"],
  ["thread.ts", "this.#worker.ref()", ""],
  ["selection.ts", "if (entries.length === 0) return notAQuery(labels, operation)", ""],
  ["selection.ts", 'if (found.length === 0 && typeof each !== "function")', "if (found.length === 0)"],
  ["taskGroup.ts", "if (this.#aborted !== undefined) throw shuttingDown(this)\n    const why", "const why"],
  ["taskGroup.ts", "    member.task.removeEntry(member)\n", "\n"],
  ["failingMembers.ts", 'this.#handlers.has(member.task) ? "deals', 'false ? "deals']
]

const run: ReadonlyArray<Mutation> = [
  ["run/run.ts", "loop?.isRunning() === true && !(loop as EventLoopImpl).ofClock", "loop?.isRunning() === true"],
  ["run/run.ts", "loop.checkIdle()\n  if (options.debug", "if (options.debug"],
  ["run/run.ts", "if (options.maxThreads !== undefined) loop.maxThreads = options.maxThreads", ""],
  ["run/run.ts", "&& task.uncancelUnsafe() === 0", ""],
  ["run/run.ts", "stopWatching?.()\n", "\n"],
  ["run/run.ts", "listening?.stop()", ""],
  ["run/run.ts", "shutdown.end()", ""],
  ["run/run.ts", "patience === undefined ? ended : patience.end(ended, shutdown.tasks)", "ended"],
  ["patience.ts", "if (left.length === 0) return\n", "\n"],
  ["patience.ts", "this.#grace !== undefined || left.every(hangs)", "true"],
  ["patience.ts", "stop = afterUnref(defaultPatience, look)\n    }", "}"],
  ["patience.ts", "this.#loop.unregister(task)", ""],
  ["patience.ts", "if (error !== this.#stopped) throw error", "throw error"],
  ["patience.ts", "if (this.#grace !== Infinity) stop", "stop"],
  ["shutdown.ts", "if (this.#rounds >= mostRounds) return undefined", ""],
  ["shutdown.ts", "this.#loop.hasReady() && this.#iterations++ < lastIterations", "false"],
  ["shutdown.ts", "const settled = leftoversSettled(this.#loop)", "const settled = undefined"],
  ["shutdown.ts", "wait.inside && !(wait.future instanceof TaskImpl)", "wait.inside"],
  ["shutdown.ts", "wait.inside && !(wait", "!(wait"],
  ["shutdown.ts", "tasks.filter((task) => !runsFor(within, task))", "tasks"],
  ["shutdown.ts", "this.#fibers.length > 0 ? interruptAll(this.#loop, this.#fibers) : undefined", "undefined"],
  ["shutdown.ts", "reportFailed(this.#loop, this.#tasks)\n", "\n"],
  ["shutdown.ts", "if (task.done()) continue", ""],
  ["signals.ts", "if (!this.#listens && host!.listenerCount(this.#signal) > 0) return", ""],
  ["signals.ts", "host!.kill(host!.pid, this.#signal)", ""],
  ["signals.ts", "if (this.#listens !== before) host![", "if (!before) host!["],
  ["signals.ts", "ends.add(error)", ""]
]

const compat: ReadonlyArray<Mutation> = [
  ["compat/promiseScope.ts", "if (future.done()) return settled(future.exitUnsafe()!)", ""],
  ["compat/promiseScope.ts", "return this.#goesOnIn?.current ?? this", "return this"],
  ["compat/promiseScope.ts", "this.current.#takeOver(driver)", ""],
  ["compat/promiseScope.ts", "core.leave(wasCutShort)", "core.leave(false)"],
  [
    "compat/promiseScope.ts",
    "noteCancellation(promise, error)",
    "",
    "A host passes over every cancellation once one was delivered (watchRejections); without this it would do so only where it has an event for it."
  ],
  ["compat/promiseScope.ts", "unseen === undefined ? exit : Exit.fail(unseen)", "exit"],
  ["compat/promiseScope.ts", "delay === 0 || lowlevel.toMillis(delay) <= 0 ? undefined : ", ""],
  ["compat/current.ts", "here.enteredIn = outer", ""],
  [
    "compat/current.ts",
    "if (fiber === undefined || fiber === entered?.enteredIn) return entered\n",
    "if (fiber === undefined) return entered\n"
  ],
  ["compat/current.ts", "return found?.loop === loop ? found.task : undefined", "return found?.task"],
  ["compat/current.ts", "return found?.loop.isClosed() === true ? undefined : found", "return found"],
  ["compat/current.ts", "if (isInOtherCopy()) {", "if (false) {"],
  [
    "compat/driver.ts",
    "!passedOn && core?.isWaiting() === false && !core.isShielding() ? error : undefined",
    "undefined"
  ],
  ["compat/driver.ts", "watchRejections()\n", "\n"],
  ["compat/signals.ts", "isNews = this.#putOff === error || (", "isNews = ("],
  ["compat/signals.ts", "this.#timer?.cancelUnsafe()", ""],
  ["compat/signals.ts", "for (const signal of inner.#followers?.take() ?? []) followers.add(signal)", ""],
  ["compat/signals.ts", "if (isAborted(this.#last)) return this.#last!\n    const controller", "const controller"],
  [
    "compat/signals.ts",
    "abortedJustNow?.has(this) === true && due !== this.#pressed",
    "abortedJustNow?.has(this) === true"
  ],
  ["compat/signals.ts", "signals.#pressed = due", ""],
  ["compat/arrival.ts", "if (isOurs && pending !== undefined) scope.core.takeCancellation()", ""],
  ["compat/arrival.ts", "scope.core.cancelling() === 0 ? undefined : lastTold(scope)", "lastTold(scope)"],
  ["compat/arrival.ts", "if (error !== found && isObject(error)) recognized.set(error, found)", ""],
  ["compat/arrival.ts", "if (at.unheard !== due) continue", ""],
  ["compat/arrival.ts", "if (at.signals?.mayCleanUp(due) !== true) continue", "continue"],
  ["compat/arrival.ts", "scope.signals?.settle()\n", "\n"],
  ["compat/arrival.ts", "if (replacement !== undefined) return raised(scope, replacement.error)", ""],
  [
    "compat/unhandled.ts",
    "if (isCancelledError(reason)) return !ends.has(reason)",
    "if (isCancelledError(reason)) return true"
  ],
  ["compat/unhandled.ts", "if (watching) return\n", "\n"],
  ["compat/unhandled.ts", "if (isCancelledError(error)) ends.add(error)", ""],
  ["compat/BackgroundTasks.ts", "some((task) => task.core !== own)", "some((task) => task.core !== undefined)"],
  ["compat/BackgroundTasks.ts", "if (!future.done() && !future.loop.isClosed()) future.setResultUnsafe()", ""],
  ["compat/TaskGroup.ts", "callWith(body, () => group)", "body(group)"],
  ["compat/TaskGroup.ts", "if (lacksBody(body)) {", "if (false) {"],
  ["compat/current.ts", "if (!Cause.hasDies(exit.cause)) startStackAt(error, entry)", "startStackAt(error, entry)"],
  ["compat/holding.ts", "    this.#of = undefined\n", "\n"],
  ["compat/holding.ts", "} finally {\n      this.release()\n    }", "} finally {}"],
  ["compat/use.ts", "this.#giveBack() && this.resolve(value)", "this.resolve(value)"],
  ["compat/use.ts", "(error: unknown) => this.#giveBack() && this.fail(error)", "(error: unknown) => this.fail(error)"],
  ["compat/use.ts", "if (this.#giveBack()) this.fail(error)", "this.fail(error)"],
  ["compat/use.ts", "this.#stores = captureAsyncContext()", ""],
  ["compat/promiseCoroutine.ts", "this.scope = undefined\n", "\n"],
  ["compat/promiseCoroutine.ts", "if (this.#begun) return control.end(Exit.fail(reused(control.task)))", ""],
  [
    "compat/promiseCoroutine.ts",
    "unseen === undefined ? Exit.succeed(value) : Exit.fail(unseen)",
    "Exit.succeed(value)"
  ],
  ["compat/promiseCoroutine.ts", "lowlevel.settleMicrotasksUnsafe(scope.loop, control.task)", ""],
  ["compat/settling.ts", "settleMicrotasksUnsafe(loop, core.task)", "void [loop, core]"],
  ["compat/settling.ts", "noteCancellation(this.promise, error)", ""],
  ["compat/settling.ts", "runInAsyncContext(this.#stores, answer, this)", "answer(this as never)"],
  [
    "compat/settling.ts",
    "if (this.#settling === undefined) this.atOnce = exit\n    else this.#settling.resumed(exit)",
    "this.#settling?.resumed(exit)"
  ],
  ["compat/frameStorage.ts", "if (frame?.has(storage) !== true) return frame", ""],
  ["compat/frameStorage.ts", "known !== undefined && known.size + 1 === frame.size", "known !== undefined"],
  [
    "compat/frameStorage.ts",
    "around instanceof StoreFrame && around.storage === storage ? around.#others : without(storage, around)",
    "around"
  ],
  ["compat/scopes.ts", "if (task === undefined) {", "if (false) {"],
  [
    "compat/scopes.ts",
    "noteCancellation(result, error)",
    "",
    "A host passes over every cancellation once one was delivered (watchRejections); without this it would do so only where it has an event for it."
  ],
  [
    "compat/scopes.ts",
    "if (this.#exit !== undefined) this.#settle(this.#exit)",
    "if (this.#exit !== undefined) void this.#settle"
  ],
  ["compat/signalTie.ts", "if (signal.aborted) return cancelBecauseOf(task, signal)", ""],
  ["compat/signalTie.ts", "if (this.#tasks.size > 0) return\n", "\n"],
  ["compat/signalTie.ts", 'this.#signal.removeEventListener("abort", this.#abort)', ""],
  ["compat/unhandled.ts", "if (!isCancelledError(failure)) return\n", "\n"],
  [
    "compat/unhandled.ts",
    "promise.catch(ignore)",
    "",
    "For a host that has no event for unhandled rejections, or calls every listener, as Bun does. Node.js is told to pass over them (watchRejections)."
  ],
  ["compat/copies.ts", "if (this !== type) return", "if (false) return"],
  ["compat/loop.ts", "&& !isOutside(found.loop) ? found", "? found"],
  [
    "compat/loop.ts",
    "stores ??= runIn(inCallbackOf(loop), lowlevel.captureAsyncContext)\n      lowlevel.runInAsyncContext(stores, iteration, undefined)",
    "iteration()"
  ],
  ["compat/services.ts", "release: nothing }", "release: () => (runtime as { dispose(): Promise<void> }).dispose() }"],
  [
    "compat/services.ts",
    "(await Effect.runPromise(build)), release }",
    "(await Effect.runPromise(build)), release: nothing }"
  ],
  ["compat/discarding.ts", "await runIn(scope.current, hook)", "await hook()"],
  ["compat/inTime.ts", "?? false", "as boolean"],
  ["compat/callWith.ts", "=> body.length > 0", "=> body.length >= 0"],
  ["compat/words.ts", "depth < mostAggregates ? errorsOf(error) : []", "errorsOf(error)"],
  ["compat/words.ts", "errors.length > 0 && ", ""],
  ["compat/asyncContext.ts", "this.#current = outer", ""]
]

export const elsewhere: ReadonlyArray<Mutation> = [
  ...data,
  ...host,
  ...model,
  ...loop,
  ...task,
  ...make,
  ...sync,
  ...combine,
  ...run,
  ...compat
]
