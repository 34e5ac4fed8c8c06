// The guards that `npm run mutations` takes away, one at a time. A test checks that each stands exactly once in its file.
import { readFileSync } from "node:fs"

/** What is taken away: a file of `packages/core/src/internal`, or a path below `packages`; the guard; and what is left of it. */
export type Mutation = readonly [file: string, guard: string, rest: string]

export const mutations: ReadonlyArray<Mutation> = [
  ["task.ts", "if (!this.countRequest(error)) return false", "this.countRequest(error)"],
  ["task.ts", "if (passedOn !== true) this.#keep(error)", ""],
  [
    "task.ts",
    "if (!conclude(asked, error, asked.future!.cancelWith(error))) this.#keep(error)",
    "conclude(asked, error, asked.future!.cancelWith(error))"
  ],
  ["task.ts", "} else if (!asked) {\n      this.#keep(error)", "} else if (!asked) {"],
  ["cancelWalk.ts", "if (answer === true) wait.forwarded = error", ""],
  ["cancelWalk.ts", 'if (answer !== "ring") return answer', "if (true) return answer === true"],
  ["cancelWalk.ts", "forgetCancellation(wait.future!)", ""],
  ["cancelWalk.ts", "if (owner !== undefined) this.#onTheWay.add(owner)", ""],
  ["cancelWalk.ts", "if (visits >= enough) return future.countRequest(this.#error)", ""],
  ["wait.ts", "if (waitsFor(future, task)) return", "if (false) return"],
  ["task.ts", "--this.#cancelRequests === 0) {\n      this.mustCancel = undefined", "--this.#cancelRequests === 0) {"],
  ["task.ts", "this.forgetPending()\n", "\n"],
  ["task.ts", "Math.max(0, this.#cancelRequests - this.#lineRequests)", "this.#cancelRequests"],
  ["task.ts", "if (this.mustCancel !== undefined) return this.finishCancelled(this.mustCancel)\n", "\n"],
  ["task.ts", "if (error !== undefined) return line.cancelled(awaited ?? error)", ""],
  ["task.ts", "hide(this.mustCancel, error)", ""],
  [
    "task.ts",
    "awaited !== undefined && wait.forwarded !== undefined ? line.cancelled(awaited) : line.arrived(outcome)",
    "line.arrived(outcome)"
  ],
  ["task.ts", "if (future.cancelWith(error)) wait.forwarded = error\n    else line.keepCancellation(error)", ""],
  [
    "task.ts",
    "const error = this.mustCancel\n    if (error !== undefined) {",
    "const error = this.mustCancel!\n    if (false) {"
  ],
  ["line.ts", "if (!passedOn) keepRequest(line, error)", ""],
  ["line.ts", "if (line.task.exit === undefined) line.task.cancelWith(error)", ""],
  ["line.ts", "if (left === 0) line.forgetAll()", ""],
  ["line.ts", "if (requestsOn(line) === 0) return\n", "\n"],
  ["line.ts", "count += at.requests", "count += 0"],
  ["strand.ts", "if (wait.future === undefined) return false", "if (wait.future === undefined) return true"],
  ["strand.ts", "return this.#protects(error) || wait", "return wait"],
  ["strand.ts", "return this.#protects(error) || this.hosted", "return this.hosted"],
  ["strand.ts", "if (task.mustCancel !== undefined && scopeOf.has(error)) this.#protects(task.mustCancel)", ""],
  ["strand.ts", "if (scopeOf.get(error) !== this.place) this.#interrupt", "this.#interrupt"],
  ["strand.ts", "error !== undefined && this.#protects(error) ? undefined : error", "error"],
  ["strand.ts", "this.task.loop.enqueue(delivery)", "{}"],
  ["strand.ts", "underWay.batch = batch\n", "\n"],
  ["strand.ts", "takeOver(this, line.takeDue())", ""],
  ["strand.ts", "if (this.pendingCancellation() !== undefined) this.deliverSoon()", ""],
  ["strand.ts", "if (this.wait === undefined) this.deliverSoon()", ""],
  ["strand.ts", "if (error !== undefined) this.#deliverRest()", ""],
  ["strand.ts", "this.moveTo(outer)\n      this.#deliverRest()", "this.moveTo(outer)"],
  [
    "strand.ts",
    "this.wait !== undefined || this.hosted !== undefined) return\n    const",
    "this.hosted !== undefined) return\n    const"
  ],
  ["strand.ts", " ?? (batch?.live === true ? batch.error : undefined)", ""],
  ["strand.ts", "batch?.live === true ?", "batch !== undefined ?"],
  ["strand.ts", "for (const error of errors) this.#leaveTo(outer, error)", ""],
  ["driven.ts", "if (taken !== true) all = false", ""],
  ["driven.ts", "if (this.pendingCancellation() !== undefined) strand.deliverSoon()", ""],
  ["driven.ts", "error !== undefined && this.#wasDelivered(error) ? ownCancellation(error) : exit", "exit"],
  ["driven.ts", "this.#delivered = new WeakSet([known, error])", "this.#delivered = error"],
  ["driven.ts", "const error = requestOf(ended)", "const error = ended"],
  ["driven.ts", "if (requestsOn(this) === 0) return\n    if (this.isAllOfTask)", "if (this.isAllOfTask)"],
  ["driven.ts", "takeOver(this, branch.takeDue())", ""],
  ["driven.ts", "this.#over = failed && !busy && !wasTold ? overAndToBeTold : over", "this.#over = over"],
  ["driven.ts", "if (wasTold) return ending.handOver(this, this.#around())", ""],
  ["driven.ts", "if (failed) this.#driver.cancelRequested(error, true)", ""],
  ["aftermath.ts", "waits.filter((wait) => wait.future?.shared !== true)", "waits"],
  ["aftermath.ts", "if (around !== undefined && line.inFlight()) handOver(line, around())", ""],
  ["aftermath.ts", "return this.#error ?? this.takeDue()", "return this.takeDue()"],
  ["aftermath.ts", "line.goesOn && line.task !== main", "line.goesOn"],
  ["driven.ts", "if (this.#batch !== undefined) this.#batch.live = false", ""],
  ["driven.ts", "return this.due ?? this.#abandoned", "return this.due"],
  ["line.ts", "if (at.keptFirst) first ??= at.kept", "if (at.keptFirst) first = at.kept ?? first"],
  ["line.ts", "else last = at.kept ?? last", ""],
  ["line.ts", "outermost.isAllOfTask ? task.mustCancel : undefined", "task.mustCancel"],
  ["line.ts", "first !== undefined && covers(first, ofAll) ? first : ", ""],
  ["line.ts", "|| covers(due, pending)", ""],
  ["driven.ts", "if (covers(error, this.task.mustCancel)) this.task.mustCancel = undefined", ""],
  ["driven.ts", "[...hosted, ...branches].toReversed()", "branches"],
  ["driven.ts", "of [...hosted, ...branches]", "of hosted"],
  [
    "strand.ts",
    "return this.fiber === undefined || isInterruptible(this.fiber) ? this.hosted : undefined",
    "return this.hosted"
  ],
  ["coroutineTask.ts", "line.abandon(fiberInterrupted())", ""],
  [
    "wait.ts",
    "future.cancelWith(fiberInterrupted(currentTaskOf(future.loop)?.getName()))\n  wait.abandoned()",
    "wait.abandoned()"
  ],
  ["wait.ts", "return untilDone(future)", "return Effect.void"],
  ["cancellation.ts", "return undefined\n    }\n  }", "continue\n    }\n  }"],
  ["region.ts", "return interruptNested(inner)", "return Effect.void"],
  ["region.ts", "cancelForScope(this.strand, error)", "this.task.cancelWith(error)"],
  ["region.ts", "{ uninterruptible: !isInterruptible(outer) }", "{}"],
  ["region.ts", "Exit.isSuccess(probe) ? insist(restore, wait, seen) : wait(", "wait("],
  [
    "timeout.ts",
    "if (left > this.#cancelling || Exit.isSuccess(exit)) return exit",
    "if (Exit.isSuccess(exit)) return exit"
  ],
  ["timeout.ts", "if (cancellation === undefined) return exit", ""],
  ["timeout.ts", "if (left > 0) yieldToOther(this.#request!, exit)", ""],
  ["cancellation.ts", "if (found !== undefined) hide(error, found)", ""],
  ["taskGroup.ts", "if (this.#aborted === undefined) this.#abortAll(becauseOf(task, this.#owner))", ""],
  ["taskGroup.ts", "passOn = left === 0 ? undefined : (cancelled ?? arrived)", ""],
  ["taskGroup.ts", "if (left > 0) yieldToOther(request, arrived, cancelled)", ""],
  ["taskGroup.ts", "? undefined : (cancelled ?? arrived)", "? undefined : cancelled"],
  ["taskGroup.ts", "owner.askAgain(askedAgain((hidden && cancellationIn(hidden)) ?? hiddenByFailure(owner)))", ""],
  ["gather.ts", 'return inRing ? "ring" : taken', "return taken"],
  ["gather.ts", "if (taken) this.#cancelRequested = error", ""],
  ["shield.ts", "if (outer.cancelled()) return", ""],
  ["sleepFuture.ts", "this.loop.removeTimer(this)", ""]
]

/** Where the file of a mutation lies, below `packages`. */
export const pathOf = (file: string): string => (file.includes("/") ? file : `core/src/internal/${file}`)

/** The mutations whose guard does not stand exactly once in its file. */
export const misplaced = (packages: URL): ReadonlyArray<Mutation> =>
  mutations.filter(([file, guard]) => readFileSync(new URL(pathOf(file), packages), "utf8").split(guard).length !== 2)
