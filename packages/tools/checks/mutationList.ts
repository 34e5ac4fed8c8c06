// The guards that `npm run mutations` takes away, one at a time. A test checks that each stands exactly once in its file.
import { readFileSync } from "node:fs"

/** What is taken away: a file of `packages/core/src/internal`, or a path below `packages`; the guard; and what is left of it. */
export type Mutation = readonly [file: string, guard: string, rest: string]

export const mutations: ReadonlyArray<Mutation> = [
  ["task/task.ts", "if (!this.countRequest(error)) return false", "this.countRequest(error)"],
  ["task/task.ts", "if (passedOn !== true) this.#keep(error)", ""],
  [
    "task/task.ts",
    "if (!conclude(asked, error, asked.future!.cancelWith(error))) this.#keep(error)",
    "conclude(asked, error, asked.future!.cancelWith(error))"
  ],
  ["task/task.ts", "} else if (!asked) {\n      this.#keep(error)", "} else if (!asked) {"],
  ["task/cancelWalk.ts", "if (answer === true) wait.forwarded = error", ""],
  ["task/cancelWalk.ts", 'if (answer !== "ring") return answer', "if (true) return answer === true"],
  ["task/cancelWalk.ts", "forgetCancellation(wait.future!)", ""],
  ["task/cancelWalk.ts", "if (owner !== undefined) this.#onTheWay.add(owner)", ""],
  ["task/cancelWalk.ts", "if (visits >= enough) return future.countRequest(this.#error)", ""],
  ["task/wait.ts", "if (waitsFor(future, task)) return", "if (false) return"],
  [
    "task/task.ts",
    "--this.#cancelRequests === 0) {\n      this.mustCancel = undefined",
    "--this.#cancelRequests === 0) {"
  ],
  ["task/task.ts", "this.forgetPending()\n", "\n"],
  ["task/task.ts", "Math.max(0, this.#cancelRequests - this.#lineRequests)", "this.#cancelRequests"],
  ["task/task.ts", "if (this.mustCancel !== undefined) return this.finishCancelled(this.mustCancel)\n", "\n"],
  ["task/task.ts", "if (error !== undefined) return line.cancelled(awaited ?? error)", ""],
  ["task/task.ts", "hide(this.mustCancel, error)", ""],
  [
    "task/task.ts",
    "awaited !== undefined && wait.forwarded !== undefined ? line.cancelled(awaited) : line.arrived(outcome)",
    "line.arrived(outcome)"
  ],
  ["task/task.ts", "if (future.cancelWith(error)) wait.forwarded = error\n    else line.keepCancellation(error)", ""],
  [
    "task/task.ts",
    "const error = this.mustCancel\n    if (error !== undefined) {",
    "const error = this.mustCancel!\n    if (false) {"
  ],
  ["task/line.ts", "if (!passedOn) keepRequest(line, error)", ""],
  ["task/line.ts", "if (line.task.exit === undefined) line.task.cancelWith(error)", ""],
  ["task/line.ts", "if (left === 0) line.forgetAll()", ""],
  ["task/line.ts", "if (requestsOn(line) === 0) return\n", "\n"],
  ["task/line.ts", "count += at.requests", "count += 0"],
  ["task/strand.ts", "if (wait.future === undefined) return false", "if (wait.future === undefined) return true"],
  ["task/strand.ts", "return this.#protects(error) || wait", "return wait"],
  ["task/strand.ts", "return this.#protects(error) || this.hosted", "return this.hosted"],
  ["task/strand.ts", "if (task.mustCancel !== undefined && scopeOf.has(error)) this.#protects(task.mustCancel)", ""],
  ["task/strand.ts", "if (scopeOf.get(error) !== this.place) this.#interrupt", "this.#interrupt"],
  ["task/strand.ts", "error !== undefined && this.#protects(error) ? undefined : error", "error"],
  ["task/strand.ts", "this.task.loop.enqueue(delivery)", "{}"],
  ["task/strand.ts", "underWay.batch = batch\n", "\n"],
  ["task/strand.ts", "takeOver(this, line.takeDue())", ""],
  ["task/strand.ts", "if (this.pendingCancellation() !== undefined) this.deliverSoon()", ""],
  ["task/strand.ts", "if (this.wait === undefined) this.deliverSoon()", ""],
  ["task/strand.ts", "if (error !== undefined) this.#deliverRest()", ""],
  ["task/strand.ts", "this.moveTo(outer)\n      this.#deliverRest()", "this.moveTo(outer)"],
  [
    "task/strand.ts",
    "this.wait !== undefined || this.hosted !== undefined) return\n    const",
    "this.hosted !== undefined) return\n    const"
  ],
  ["task/strand.ts", " ?? (batch?.live === true ? batch.error : undefined)", ""],
  ["task/strand.ts", "batch?.live === true ?", "batch !== undefined ?"],
  ["task/strand.ts", "for (const error of errors) this.#leaveTo(outer, error)", ""],
  ["task/driven.ts", "if (taken !== true) all = false", ""],
  ["task/driven.ts", "if (this.pendingCancellation() !== undefined) strand.deliverSoon()", ""],
  ["task/driven.ts", "error !== undefined && this.#wasDelivered(error) ? ownCancellation(error) : exit", "exit"],
  ["task/driven.ts", "this.#delivered = new WeakSet([known, error])", "this.#delivered = error"],
  ["task/driven.ts", "const error = requestOf(ended)", "const error = ended"],
  ["task/driven.ts", "if (requestsOn(this) === 0) return\n    if (this.isAllOfTask)", "if (this.isAllOfTask)"],
  ["task/driven.ts", "takeOver(this, branch.takeDue())", ""],
  ["task/driven.ts", "this.#over = failed && !busy && !wasTold ? overAndToBeTold : over", "this.#over = over"],
  ["task/driven.ts", "if (wasTold) return ending.handOver(this, this.#around())", ""],
  ["task/driven.ts", "if (failed) this.#driver.cancelRequested(error, true)", ""],
  ["task/aftermath.ts", "waits.filter((wait) => wait.future?.shared !== true)", "waits"],
  ["task/aftermath.ts", "if (around !== undefined && line.inFlight()) handOver(line, around())", ""],
  ["task/aftermath.ts", "return this.#error ?? this.takeDue()", "return this.takeDue()"],
  ["task/aftermath.ts", "line.goesOn && line.task !== main", "line.goesOn"],
  ["task/driven.ts", "if (this.#batch !== undefined) this.#batch.live = false", ""],
  ["task/driven.ts", "return this.due ?? this.#abandoned", "return this.due"],
  ["task/line.ts", "if (at.keptFirst) first ??= at.kept", "if (at.keptFirst) first = at.kept ?? first"],
  ["task/line.ts", "else last = at.kept ?? last", ""],
  ["task/line.ts", "outermost.isAllOfTask ? task.mustCancel : undefined", "task.mustCancel"],
  ["task/line.ts", "first !== undefined && covers(first, ofAll) ? first : ", ""],
  ["task/line.ts", "|| covers(due, pending)", ""],
  ["task/driven.ts", "if (covers(error, this.task.mustCancel)) this.task.mustCancel = undefined", ""],
  ["task/driven.ts", "[...hosted, ...branches].toReversed()", "branches"],
  ["task/driven.ts", "of [...hosted, ...branches]", "of hosted"],
  [
    "task/strand.ts",
    "return this.fiber === undefined || isInterruptible(this.fiber) ? this.hosted : undefined",
    "return this.hosted"
  ],
  ["task/coroutineTask.ts", "line.abandon(fiberInterrupted())", ""],
  [
    "task/wait.ts",
    "future.cancelWith(fiberInterrupted(currentTaskOf(future.loop)?.getName()))\n  wait.abandoned()",
    "wait.abandoned()"
  ],
  ["task/wait.ts", "return untilDone(future)", "return Effect.void"],
  ["task/cancellation.ts", "return undefined\n    }\n  }", "continue\n    }\n  }"],
  ["task/region.ts", "return interruptNested(inner)", "return Effect.void"],
  ["task/region.ts", "cancelForScope(this.strand, error)", "this.task.cancelWith(error)"],
  ["task/region.ts", "{ uninterruptible: !isInterruptible(outer) }", "{}"],
  ["task/region.ts", "Exit.isSuccess(probe) ? insist(restore, wait, seen) : wait(", "wait("],
  [
    "combine/timeout.ts",
    "if (left > this.#cancelling || Exit.isSuccess(exit)) return exit",
    "if (Exit.isSuccess(exit)) return exit"
  ],
  ["combine/timeout.ts", "if (cancellation === undefined) return exit", ""],
  ["combine/timeout.ts", "if (left > 0) yieldToOther(this.#request!, exit)", ""],
  ["task/cancellation.ts", "if (found !== undefined) hide(error, found)", ""],
  ["combine/taskGroup.ts", "if (this.#aborted === undefined) this.#abortAll(becauseOf(task, this.#owner))", ""],
  ["combine/taskGroup.ts", "passOn = left === 0 ? undefined : (cancelled ?? arrived)", ""],
  ["combine/taskGroup.ts", "if (left > 0) yieldToOther(request, arrived, cancelled)", ""],
  ["combine/taskGroup.ts", "? undefined : (cancelled ?? arrived)", "? undefined : cancelled"],
  [
    "combine/taskGroup.ts",
    "owner.askAgain(askedAgain((hidden && cancellationIn(hidden)) ?? hiddenByFailure(owner)))",
    ""
  ],
  ["combine/gather.ts", 'return inRing ? "ring" : taken', "return taken"],
  ["combine/gather.ts", "if (taken) this.#cancelRequested = error", ""],
  ["combine/shield.ts", "if (outer.cancelled()) return", ""],
  ["task/sleepFuture.ts", "this.loop.removeTimer(this)", ""]
]

/** Where the file of a mutation lies, below `packages`. */
export const pathOf = (file: string): string => (/^(core|compat)\//.test(file) ? file : `core/src/internal/${file}`)

/** The mutations whose guard does not stand exactly once in its file. */
export const misplaced = (packages: URL): ReadonlyArray<Mutation> =>
  mutations.filter(([file, guard]) => readFileSync(new URL(pathOf(file), packages), "utf8").split(guard).length !== 2)
