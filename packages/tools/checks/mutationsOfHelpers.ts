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
  ["shieldedScope.ts", "this.#timer?.cancelUnsafe()\n    super.leave", "super.leave"],
  ["shieldedScope.ts", "this.#timer?.cancelUnsafe()\n    super.end", "super.end"],
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
  ["contest.ts", "if (!this.#isDecided) this.#begin()", "this.#begin()"],
  ["contest.ts", "(this.#isDecided || this.#starter.isExhausted())) return", "this.#isDecided) return"],
  ["contest.ts", "if (this.#running.has(member)) return member\n", "\n"],
  ["contest.ts", "if (!this.#discards.delete(member)) this", "this"],
  ["contest.ts", "if (this.#running.size === 0) this.wake()", "this.wake()"],
  ["contest.ts", "member.markRetrieved()\n      this.#fail", "this.#fail"],
  ["contest.ts", "if (Exit.isSuccess(exit)) this.#discard(exit.value)\n    } else if", "} else if"],
  ["contest.ts", "    this.#starter.stop()\n", ""],
  ["contest.ts", "!member.done() && !this", "!this"],
  ["contest.ts", "&& !this.#discards.has(member)", ""],
  ["contest.ts", "this.#defect ??= Exit.die(error)", "this.#defect = Exit.die(error)"],
  ["contest.ts", "undefined))\n    this.#discardWinner()", "undefined))"],
  ["contest.ts", "this.#decide(request)\n    this.#discardWinner()", "this.#decide(request)"],
  ["contest.ts", "hide(this.#arrived && cancellationIn(this.#arrived), request)", ""],
  ["contest.ts", "if (this.#starter.memberFailed(member)) this.wake()", ""],
  ["contest.ts", "this.#winner = undefined\n    if (exit", "if (exit"],
  ["contest.ts", "this.#running.add(discarding)\n", "\n"],
  ["contest.ts", "    this.#starter.close()\n", ""],
  ["contest.ts", "if (hasFailedAsExpected(member)) member.markRetrieved()", "member.markRetrieved()"],
  ["contest.ts", "if (hasFailedAsExpected(member)) member.markRetrieved()", ""],
  ["staggered.ts", "if (!this.#isDue || this.#isExhausted) return\n", "if (this.#isExhausted) return\n"],
  ["staggered.ts", "if (!this.#isDue || this.#isExhausted) return\n", "if (!this.#isDue) return\n"],
  ["staggered.ts", "if (this.#last === undefined) throw", "if (false) throw"],
  [
    "staggered.ts",
    "if (this.#delay === undefined || this.#delay === Infinity) return",
    "if (this.#delay === undefined) return"
  ],
  ["staggered.ts", "this.#isExhausted = true\n    const", "const"],
  ["staggered.ts", "if (member !== this.#last) return false", ""],
  ["staggered.ts", "this.#timer?.cancelUnsafe()\n    this.#isDue", "this.#isDue"],
  ["staggered.ts", "stop(): void {\n    this.#timer?.cancelUnsafe()", "stop(): void {"],
  ["staggered.ts", "if (!this.#isExhausted) this.#coroutines.return?.()", ""],
  ["staggered.ts", "if (!this.#isExhausted) this.#coroutines.return?.()", "this.#coroutines.return?.()"],
  ["staggered.ts", "&& !isFuture(coroutine)", ""],
  ["combine/competitors.ts", "for (const member of members) checkAwaitable(member)", ""],
  ["compat/competitors.ts", "for (const member of members) checkAwaitable(member)", ""]
]

const mappingAndRestarts: ReadonlyArray<Mutation> = [
  ["combine/mapTasks.ts", "} catch (error) {\n      return Effect.die(error)", "} catch (error) {\n      throw error"],
  ["combine/mapTasks.ts", "this.#room = undefined\n      room", "room"],
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
  ["sources.ts", "void (isOver || iterator.return?.())", "void iterator.return?.()"],
  ["sources.ts", 'state = "over"\n', "\n"],
  ["sources.ts", 'state = "at rest"\n      reader', "reader"],
  [
    "sources.ts",
    "if (Effect.isEffect(returned)) return Effect.ignore(returned)",
    "if (Effect.isEffect(returned)) return returned as Effect.Effect<void>"
  ],
  ["sources.ts", "hangs ? patience : undefined", "patience"],
  ["sources.ts", "hangs ? patience : undefined", "undefined"],
  ["sources.ts", "if (future.done()) future.markRetrieved()\n      else future", "if (!future.done()) future"],
  ["sources.ts", "      else future.cancelUnsafe()\n", "\n"],
  ["sources.ts", "      read = 0\n", "\n"],
  ["sources.ts", "Pull.isDoneCause(cause) ? Effect.void : Effect.failCause(cause)", "Effect.void"],
  ["sources.ts", "&& !Effect.isEffect(items)", ""],
  ["pulledStream.ts", "value === undefined ? Cause.done()", "false ? Cause.done()"],
  ["combine/restart.ts", "if (!isFailure(cause)) return Effect.failCause(cause)", ""],
  ["combine/restart.ts", "now - begun >= lasting ? begin : Effect.succeed(next)", "Effect.succeed(next)"],
  [
    "combine/restart.ts",
    "Pull.isDoneCause(cause) ? Effect.succeed(undefined) : Effect.failCause(cause)",
    "Effect.succeed(undefined)"
  ],
  ["combine/restart.ts", "cancellationOf(cause) === undefined &&", ""],
  ["combine/restart.ts", "!Cause.hasInterrupts(cause) &&", ""],
  ["combine/restart.ts", "\n  !isInstance(Cause.squash(cause), KeyboardInterrupt)", "\n  true"],
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
  ["compat/restart.ts", "delay = plan.delay\n          left", "left"],
  ["compat/restart.ts", "          left = plan.times\n", "\n"],
  ["compat/restart.ts", "if (left <= 0) throw error", ""],
  ["compat/restart.ts", "Math.min(delay, plan.max)", "delay"],
  [
    "compat/pulling.ts",
    "this.#isToldToEnd || this.#iterator.return === undefined",
    "this.#iterator.return === undefined"
  ],
  ["compat/pulling.ts", "this.#isToldToEnd || this.#iterator.return === undefined", "this.#isToldToEnd"],
  [
    "compat/pulling.ts",
    "if (lowlevel.isCancelledError(error)) await this.#untilEnded(() => scope.core.isWaiting())",
    ""
  ],
  ["compat/pulling.ts", "if (lowlevel.isCancelledError(error)) await", "await"],
  ["compat/pulling.ts", "if (!isBusy()) return", "return"],
  ["compat/pulling.ts", "if (!isBusy()) return", ""],
  ["compat/mapTasks.ts", "? withoutUnhandledRejection(toSettled(results))", "? toSettled(results)"],
  [
    "compat/mapTasks.ts",
    "const { body } = this\n    return body(this.#item, this.#index)",
    "return this.body(this.#item, this.#index)"
  ]
]

const groups: ReadonlyArray<Mutation> = [
  ["failingMembers.ts", "    super.memberDone(member)\n", ""],
  ["failingMembers.ts", "this.#handlers.delete(member.task)\n", "\n"],
  ["failingMembers.ts", "if (member.task.cancelled()) super.memberFailed(handled.task, handled.error)", ""],
  ["failingMembers.ts", "this.#handlers.has(task) || isInstance", "isInstance"],
  ["failingMembers.ts", "|| isInstance(error, KeyboardInterrupt)", ""],
  ["failingMembers.ts", "|| this.isShuttingDown()", ""],
  ["failingMembers.ts", "task.markRetrieved()\n    const", "const"],
  ["readiness.ts", "if (this.exit !== undefined) {", "if (false) {"],
  [
    "readiness.ts",
    "if (this.#asked !== undefined && this.task?.root?.due !== undefined) this.completeCancelled(this.#asked)\n    else this",
    "this"
  ],
  ["readiness.ts", "&& this.task?.root?.due !== undefined", ""],
  ["readiness.ts", "if (this.exit !== undefined) return false", ""],
  ["readiness.ts", "if (cancellation !== undefined) this.completeCancelled(cancellation)\n    else this", "this"],
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
  ["compat/lateBody.ts", "this.#grace?.cancelUnsafe()\n    const left", "const left"],
  ["compat/lateBody.ts", "if (this.#grace === undefined || !this.#deadline.expired()) this", "this"],
  ["compat/lateBody.ts", "|| !this.#deadline.expired()", ""],
  ["compat/lateBody.ts", "this.#grace?.cancelUnsafe()\n    this.#grace = ", "this.#grace = "],
  [
    "compat/lateBody.ts",
    "if (this.#end === undefined || !this.#deadline!.expired()) return",
    "if (this.#end === undefined) return"
  ],
  ["compat/lateBody.ts", "if (core.pendingCancellation() === undefined) return\n", "\n"],
  ["compat/lateBody.ts", "if (core.isWaiting()) this.#watch()\n    else this", "this"],
  ["compat/lateBody.ts", "scope.signals?.settle()", ""],
  ["compat/lateBody.ts", "if (lowlevel.isCancelledError(raised(scope, error))) return\n", "\n"],
  ["compat/lateBody.ts", "scope.outer?.core.pendingCancellation() === undefined && scope", "scope"],
  ["compat/lateBody.ts", "&& scope.unheard === scope.core.pendingCancellation()", ""]
]

export const helpers: ReadonlyArray<Mutation> = [...moveOnAndShields, ...contests, ...mappingAndRestarts, ...groups]
