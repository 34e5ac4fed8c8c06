// The guards of what is beyond asyncio: shields, contests, mapping, restarts, groups that tolerate; see mutationList.ts.
import type { Mutation } from "./mutationList.ts"

const moveOnAndShields: ReadonlyArray<Mutation> = [
  ["combine/moveOn.ts", "if (left !== exit) return timedOut", ""],
  ["combine/shielded.ts", "(isInterrupted ? undefined : resume(task.retrieve()))", "resume(task.retrieve())"],
  [
    "combine/shielded.ts",
    "if (limit === undefined || limit === Infinity) return untilDone(task)",
    "if (true) return untilDone(task)"
  ],
  ["combine/shielded.ts", "Effect.map(untilDone(task), () => timer.cancelUnsafe())", "untilDone(task)"],
  ["shieldedScope.ts", "this.task.scopesKeep = true\n", "\n"],
  ["shieldedScope.ts", "if (due !== undefined) this.#hold(due)", ""],
  ["shieldedScope.ts", "if (!this.isShielded || this.#isAskedInside) return", "if (!this.isShielded) return"],
  ["shieldedScope.ts", "if (!this.isShielded || this.#isAskedInside) return", "if (this.#isAskedInside) return"],
  ["shieldedScope.ts", "    this.#hold(error)\n    return false", "    return false"],
  ["shieldedScope.ts", "if (!this.isShielded) return super.giveUp(error)", ""],
  ["shieldedScope.ts", "this.#isAbandoned = true\n    this.#hold(error)", "this.#isAbandoned = true"],
  ["shieldedScope.ts", "super.cancel(error)\n    this.#isAskedInside = false", "super.cancel(error)"],
  ["shieldedScope.ts", "this.#isAskedInside = true\n    super.deliverAgain(error)", "super.deliverAgain(error)"],
  ["shieldedScope.ts", "super.deliverAgain(error)\n    this.#isAskedInside = false", "super.deliverAgain(error)"],
  ["shieldedScope.ts", "this.#timer?.cancelUnsafe()\n", "\n"],
  ["shieldedScope.ts", "this.#timer ??= this", "this.#timer = this"],
  ["shieldedScope.ts", "if (this.#isAbandoned) return super.giveUp(held)", ""],
  ["shieldedScope.ts", "if (requestsOn(this) === 0) return\n", "\n"],
  ["shieldedScope.ts", "    this.takeCancellation()\n", "\n"],
  ["compat/shielded.ts", "end(unseen === undefined ? exit : Exit.fail(unseen))", "end(exit)"],
  [
    "compat/moveOn.ts",
    "timedOut ? Exit.succeed({ timedOut, value: undefined }) : Exit.map",
    "timedOut ? (exit as never) : Exit.map"
  ]
]

const contests: ReadonlyArray<Mutation> = [
  ["combine/awaitables.ts", "if (caller.task === member) throw cannotAwait(caller.task, member)", ""],
  ["contest.ts", "if (!this.#isDecided) this.#attempt", "this.#attempt"],
  ["contest.ts", "if (this.#isOver()) this.#attempt(() => this.#starter.close())", ""],
  ["contest.ts", "(this.#isDecided || this.#starter.isExhausted())", "this.#isDecided"],
  ["contest.ts", "if (this.#running.has(member)) return member\n", "\n"],
  ["contest.ts", "else if (!isDiscard) this", "else this"],
  ["contest.ts", "if (this.#running.size === 0) this.wake()", "this.wake()"],
  ["contest.ts", "member.markRetrieved()\n      this.#fail", "this.#fail"],
  ["contest.ts", "if (Exit.isSuccess(exit)) this.#discard(exit.value)\n      else if", "if"],
  ["contest.ts", "else if (member.cancelled()) this.#discardLate(member)", ""],
  ["contest.ts", "member !== awaitable && isPromiseLike(awaitable)", "false"],
  ["contest.ts", "if (!this.caller.loop.isClosed()) this.#discarding(value)", "this.#discarding(value)"],
  ["compat/given/competitors.ts", "isForeign(member) ? lowlevel.asThrown(member) : toCore(member)", "toCore(member)"],
  ["contest.ts", "!member.done() && !this", "!this"],
  ["contest.ts", "&& !this.#discards.has(member)", ""],
  ["contest.ts", "this.#defect ??= Exit.die(error)", "this.#defect = Exit.die(error)"],
  ["contest.ts", "cause: error }))\n    this.#discardWinner()", "cause: error }))"],
  ["contest.ts", "this.#decide(request)\n    this.#discardWinner()", "this.#decide(request)"],
  ["contest.ts", "hide(this.#arrived && cancellationIn(this.#arrived), request)", ""],
  ["contest.ts", "if (this.#starter.memberFailed(member)) this.wake()", ""],
  ["contest.ts", "this.#winner = undefined\n    if (exit", "if (exit"],
  ["contest.ts", "this.#running.add(discarding)\n", "\n"],
  ["contest.ts", "if (hasFailedAsExpected(member)) member.markRetrieved()", "member.markRetrieved()"],
  ["contest.ts", "if (hasFailedAsExpected(member)) member.markRetrieved()", ""],
  ["staggered.ts", "if (this.#isExhausted) return\n    const", "const"],
  ["staggered.ts", "if (this.#last === undefined) throw", "if (false) throw"],
  ["staggered.ts", "if (this.#delay === undefined) return\n", "\n"],
  ["staggered.ts", "this.#isExhausted = true\n    const", "const"],
  ["staggered.ts", "if (member !== this.#last) return false", ""],
  ["staggered.ts", "this.#timer?.cancelUnsafe()\n    return true", "return true"],
  ["staggered.ts", "this.#timer?.cancelUnsafe()\n    if", "if"],
  ["staggered.ts", "if (this.#isExhausted) return\n    this.#isExhausted = true\n", "this.#isExhausted = true\n"],
  ["staggered.ts", "    this.#coroutines.return?.()\n", ""],
  ["staggered.ts", "&& !isFuture(coroutine)", ""],
  ["combine/competitors.ts", "for (const member of members) checkAwaitable(member)", ""],
  ["compat/given/competitors.ts", "for (const member of members) checkAwaitable(member)", ""]
]

const mappingAndRestarts: ReadonlyArray<Mutation> = [
  ["combine/mapTasks.ts", "} catch (error) {\n      return Effect.die(error)", "} catch (error) {\n      throw error"],
  ["combine/mapTasks.ts", "if (made !== task) return made", "return made"],
  ["combine/mapTasks.ts", " || asKeyboardInterrupt(error) !== undefined", ""],
  ["combine/mapTasks.ts", "this.#running--\n", "\n"],
  ["combine/mapTasks.ts", 'onFailure === "return" ? exit : exit.value', "exit.value"],
  ["combine/mapTasks.ts", "else if (this.isShuttingDown()) return\n", "\n"],
  ["combine/mapTasks.ts", "else if (task.cancelled()) return this.memberFailed(task, cancellationIn(exit))", ""],
  ["combine/mapTasks.ts", 'onFailure === "collect" || this.isShuttingDown()', 'onFailure === "collect"'],
  ["combine/mapTasks.ts", "for (const task of this.#returned) task.markRetrieved()", ""],
  ["combine/mapTasksOptions.ts", "concurrency === Infinity || (", "("],
  ["combine/mapTasksOptions.ts", "&& !(concurrency > 0)) {", ") {"],
  ["sources.ts", "        isOver = true\n", "\n"],
  ["sources.ts", "        isOver = false\n", "\n"],
  ["sources.ts", "if (!isOver) iterator.return?.()", "iterator.return?.()"],
  ["sources.ts", "if (Exit.isSuccess(exit)) return exit\n", "if (true) return exit\n"],
  ["sources.ts", "if (cancellationIn(closed) !== undefined) return closed", ""],
  ["sources.ts", "        reader.closingFailed(closed)\n", ""],
  ["sources.ts", "onceMore(restore, close)", "close(restore)"],
  ["sources.ts", "hasFailed(future) ? future.retrieve() : exit", "exit"],
  [
    "sources.ts",
    "exit !== undefined && Exit.isFailure(exit) && cancellationIn(exit) === undefined",
    "exit !== undefined && Exit.isFailure(exit)"
  ],
  ["sources.ts", "      asked = undefined\n", ""],
  [
    "sources.ts",
    "isOver = false\n      reader.begin(value)\n      return step",
    "reader.begin(value)\n      return step"
  ],
  ["sources.ts", "isOver = true\n      const given", "const given"],
  ["sources.ts", "asked === undefined ? isOver : hasFailed(asked.future)", "isOver"],
  ["sources.ts", "asked === undefined ? isOver : hasFailed(asked.future)", "asked === undefined && isOver"],
  ["sources.ts", "asked?.future.cancelled() === true ? asked.given : undefined", "undefined"],
  ["sources.ts", "late === undefined ? answer : answerOf(late, answer)", "answer"],
  ["sources.ts", "answerOf(future, restore(future))", "answerOf(future, future)"],
  ["sources.ts", "Effect.ensuring(restore(waited), over)", "Effect.ensuring(waited, over)"],
  ["sources.ts", "late === undefined ? undefined : defaultPatience", "defaultPatience"],
  ["sources.ts", "late === undefined ? undefined : defaultPatience", "undefined"],
  ["sources.ts", "      read = 0\n", "\n"],
  ["sources.ts", "Pull.isDoneCause(cause) ? Effect.void : Effect.failCause(cause)", "Effect.void"],
  ["sources.ts", "&& !Effect.isEffect(items)", ""],
  ["pulledStream.ts", "value === undefined ? Cause.done()", "false ? Cause.done()"],
  ["combine/restart.ts", "!isFailure(cause) || ", ""],
  ["combine/restart.ts", " || requestsFor(fiber) > asked", ""],
  ["combine/restart.ts", "now - begun >= lasting ? begin : Effect.succeed(next)", "Effect.succeed(next)"],
  [
    "combine/restart.ts",
    "Pull.isDoneCause(cause) ? Effect.succeed(undefined) : Effect.failCause(cause)",
    "Effect.succeed(undefined)"
  ],
  ["combine/restart.ts", "cancellationOf(cause) === undefined &&", ""],
  ["combine/restart.ts", "!Cause.hasInterrupts(cause) &&", ""],
  ["combine/restart.ts", "\n  asKeyboardInterrupt(Cause.squash(cause)) === undefined", "\n  true"],
  [
    "compat/restart.ts",
    "if (isCancelled(error) || error instanceof asyncio.KeyboardInterrupt) throw",
    "if (error instanceof asyncio.KeyboardInterrupt) throw"
  ],
  [
    "compat/restart.ts",
    "if (isCancelled(error) || error instanceof asyncio.KeyboardInterrupt) throw",
    "if (isCancelled(error)) throw"
  ],
  ["compat/restart.ts", "if (requestsHere() > asked) throw error", ""],
  ["compat/restart.ts", "waited * plan.factor || 0", "waited * plan.factor"],
  ["compat/restart.ts", "delay = plan.delay\n          left", "left"],
  ["compat/restart.ts", "          left = plan.times\n", "\n"],
  ["compat/restart.ts", "if (left <= 0) throw error", ""],
  ["compat/restart.ts", "Math.min(delay, plan.max)", "delay"],
  [
    "compat/given/pulling.ts",
    "this.#isToldToEnd || this.#iterator.return === undefined",
    "this.#iterator.return === undefined"
  ],
  ["compat/given/pulling.ts", "this.#isToldToEnd || this.#iterator.return === undefined", "this.#isToldToEnd"],
  ["compat/given/pulling.ts", "if (!lowlevel.isCancelledError(error)) throw error", ""],
  ["compat/given/pulling.ts", "failure = cleanup\n", "\n"],
  ["compat/given/pulling.ts", "asked.then(yes, failed)", "asked.then(yes, yes)"],
  ["compat/given/pulling.ts", "#tellToEnd()).then(yes, failed)", "#tellToEnd()).then(yes, yes)"],
  ["compat/given/pulling.ts", ", { eagerStart: true }", ""],
  ["compat/given/pulling.ts", "this.#isToldToEnd ? answered", "false ? answered"],
  ["compat/given/pulling.ts", "if (!core.isWaiting()) break", "break"],
  ["compat/given/pulling.ts", "if (!core.isWaiting()) break", ""],
  ["compat/readingIn.ts", "runIn(this.#scope, next, this.#iterator)", "next(this.#iterator)"],
  ["compat/readingIn.ts", "runIn(this.#scope, end, this.#iterator)", "end(this.#iterator)"],
  [
    "compat/mapTasks.ts",
    "? withoutUnhandledRejection(toSettled(results))",
    "? toSettled(results)",
    "A host passes over every cancellation once one was delivered (watchRejections); without this it would do so only where it has an event for it."
  ],
  [
    "compat/mapTasks.ts",
    "const { body } = this\n    return body(this.#item, this.#index)",
    "return this.body(this.#item, this.#index)"
  ]
]

const groups: ReadonlyArray<Mutation> = [
  ["failingMembers.ts", "    super.memberDone(member)\n", ""],
  [
    "failingMembers.ts",
    "this.#handlers.delete(member.task)\n",
    "\n",
    "A handler that has ended would be kept as long as its group; no other failure is its own."
  ],
  ["failingMembers.ts", "if (member.task.cancelled()) super.memberFailed(handled.task, handled.error)", ""],
  ["failingMembers.ts", "this.#handlers.has(task) || as", "as"],
  ["failingMembers.ts", "|| asKeyboardInterrupt(error) !== undefined", ""],
  [
    "failingMembers.ts",
    "|| this.isShuttingDown()",
    "",
    "A task that deals with the failure would be cancelled before its first step, and the failure kept then."
  ],
  ["failingMembers.ts", "task.markRetrieved()\n    this.#handlers.set", "this.#handlers.set"],
  ["core/src/TaskGroup.ts", "if (hasDied((task as unknown as TaskImpl).exit!)) return undefined", ""],
  [
    "failingMembers.ts",
    "if (handler === undefined) return super",
    "if (handler === undefined) return\n    if (false) super"
  ],
  ["taskGroup.ts", "return this.#isDefect ? Effect.die(error) : Effect", "return Effect"],
  ["contest.ts", "exits.some(hasDied) ? Exit.die(error) : Exit", "Exit"],
  ["membersInStack.ts", '.replaceAll(/\\n {2}\\|.*/g, "")', ""],
  ["combine/awaitables.ts", "awaitable instanceof AsThrown ? answer : Effect", "Effect"],
  ["task/promises.ts", "if (promise instanceof AsThrown) return nativeOf(promise.promise)", ""],
  ["readiness.ts", "if (this.exit !== undefined) {", "if (false) {"],
  [
    "readiness.ts",
    "if (this.#asked !== undefined && this.task?.root?.due !== undefined) this.completeCancelled(this.#asked)\n    else this",
    "this"
  ],
  ["readiness.ts", "&& this.task?.root?.due !== undefined", ""],
  ["readiness.ts", "if (this.exit !== undefined) return false", ""],
  [
    "readiness.ts",
    "return this.exit === undefined && this.task !== undefined && this.#asking",
    "return this.task !== undefined && this.#asking"
  ],
  ["readiness.ts", "this.exit === undefined && this.task !== undefined ? [this.task] : []", "[]"],
  [
    "readiness.ts",
    "override get shared(): boolean {\n    return false",
    "override get shared(): boolean {\n    return true"
  ],
  ["compat/lateBody.ts", "this.#deadline!.expired() && Exit.isSuccess(exit) ? ownDue(scope)", "false ? ownDue(scope)"],
  ["compat/lateBody.ts", "if (Exit.isSuccess(exit) && Exit.isFailure(left)) this.#discard(exit.value)", ""],
  ["combine/timeout.ts", "return this.#grace?.graceIsOver()", "return"],
  ["combine/timeout.ts", "this.#request === undefined || alarm === undefined || alarm", "alarm === undefined || alarm"],
  ["combine/timeout.ts", " || alarm.queued) return", ") return"],
  ["compat/lateBody.ts", "if (core.pendingCancellation() === undefined) return\n", "\n"],
  ["compat/lateBody.ts", "if (core.isWaiting()) this.#beginGrace()\n", "if (false) {}\n"],
  ["compat/lateBody.ts", "lowlevel.settleMicrotasksUnsafe(loop)\n", "\n"],
  ["compat/lateBody.ts", "if (this.#end !== undefined) this.#goOnWithout()", "this.#goOnWithout()"],
  ["compat/lateBody.ts", "lowlevel.settleMicrotasksUnsafe(scope.loop, scope.task)", ""],
  ["compat/within.ts", "late.isTooLate), Exit.isFailure(exit))", "late.isTooLate))"],
  ["compat/TaskGroup.ts", "end(left, Exit.isFailure(exit) || Exit.isFailure(left))", "end(left)"],
  ["compat/lateBody.ts", "scope.signals?.settle()", ""],
  ["compat/lateBody.ts", "if (lowlevel.isCancelledError(raised(scope, error))) return\n", "\n"],
  ["compat/lateBody.ts", "scope.outer?.core.pendingCancellation() === undefined && scope", "scope"],
  ["compat/lateBody.ts", "&& scope.unheard === scope.core.pendingCancellation()", ""]
]

export const helpers: ReadonlyArray<Mutation> = [...moveOnAndShields, ...contests, ...mappingAndRestarts, ...groups]
