// The guards that `npm run mutations` takes away, one at a time. A test checks that each stands exactly once in its file, and that each
// file of an internal/ that decides something has one.
import { readdirSync, readFileSync } from "node:fs"
import { basename } from "node:path"
import { elsewhere } from "./mutationsElsewhere.ts"
import { helpers } from "./mutationsOfHelpers.ts"
import { looking } from "./mutationsOfLooking.ts"
import { treesAndTexts } from "./mutationsOfTrees.ts"

/**
 * What is taken away: a file of `packages/core/src/internal`, or a path below `packages`; the guard; and what is left of it. A guard
 * of which no program can tell whether it is there has a reason why it is there all the same, and is not tried.
 */
export type Mutation = readonly [file: string, guard: string, rest: string, why?: string]

export const mutations: ReadonlyArray<Mutation> = [
  ["task/task.ts", "if (!this.countRequest(error, by)) return false", "this.countRequest(error, by)"],
  ["task/task.ts", "if ((yield asked) !== true) this.#keep(error)", "yield asked"],
  ["task/task.ts", "if (!asked) this.#keep(error)", ""],
  ["task/scope.ts", "return refused(asked, error)\n  asked.forwarded = error", "return refused(asked, error)"],
  ["task/scope.ts", "return refused(wait, error)\n  wait.forwarded = error", "return refused(wait, error)"],
  ["task/scope.ts", 'if (answer === "ring") wait.leaveRing()', ""],
  ["task/wait.ts", "forgetCancellation(future)\n", "\n"],
  ["task/cancelWalk.ts", "if (owner !== undefined) this.#onTheWay.add(owner)", ""],
  ["task/cancelWalk.ts", "if (visits >= enough) return future.countRequest(this.#error, by)", ""],
  ["task/fiberWait.ts", "if (waitsFor(future, task)) return", "if (false) return"],
  ["task/task.ts", "this.root?.forgetDue()\n", "\n"],
  ["task/requestCounts.ts", "Math.max(0, task.cancelRequests - task.scopeRequests)", "task.cancelRequests"],
  ["task/task.ts", "if (due !== undefined) return this.completeCancelled(due)\n", "\n"],
  [
    "task/task.ts",
    "    this.loop.observer?.ended(this)\n    this.loop.unregister(this)\n",
    "    this.loop.observer?.ended(this)\n"
  ],
  ["task/retelling.ts", "  if (links.length >= mostLinks) return\n", ""],
  ["task/retelling.ts", "  if (isFirst) links.push({ by: requestedBy, to: asking })\n", ""],
  ["task/retelling.ts", "requestOf(error).links = links && [...links]", "requestOf(error).links = links"],
  ["task/taskTexts.ts", "i === 0 ? placeIn(task, frames[0]) : locationOfCall(frames, i)", "locationOfCall(frames, i)"],
  ["task/taskTexts.ts", "const own = Math.max(frames.length - 1, 0)", "const own = 0"],
  ["task/callbackScope.ts", "Cause.hasInterrupts(exit.cause) ? this.cancelled(error) : (failureOf", "(failureOf"],
  ["task/callbackScope.ts", "if (scope.parts().some((part) => innerOf(part) === undefined)) return true", ""],
  ["task/wait.ts", "if (error !== undefined) return scope.cancelled(awaited ?? error)", ""],
  ["task/scope.ts", "hide(at.due, error)", "void error"],
  [
    "task/wait.ts",
    "awaited !== undefined && this.forwarded !== undefined ? scope.cancelled(awaited) : scope.arrived(outcome)",
    "scope.arrived(outcome)"
  ],
  [
    "task/wait.ts",
    "if (future.cancelWith(error, scope.task)) this.forwarded = error\n    else scope.keepCancellation(error)",
    ""
  ],
  ["task/task.ts", "if (error !== undefined) {\n      this.root", "if (false) {\n      this.root"],
  ["task/scope.ts", "if (!passedOn) keep(scope, error)", ""],
  ["task/cancelTarget.ts", "if (scope.task.exit === undefined) scope.task.cancelWith(error)", ""],
  ["task/cancelTarget.ts", "if (left === 0) scope.forgetDue()", ""],
  ["task/cancelTarget.ts", "if (requestsOn(scope) === 0) return\n", "\n"],
  ["task/cancelTarget.ts", "keep(scope, again, isAskedAround(scope))", "keep(scope, again)"],
  ["task/scope.ts", "scope.keepCancellation(due, isAskedAround(scope))", "scope.keepCancellation(due)"],
  ["task/requestCounts.ts", "at.isRoot ? own : at.requests", "at.isRoot ? own : 0"],
  ["task/callbackScope.ts", "if (fiberScope.inner === undefined) this.task.stepEnds()", "this.task.stepEnds()"],
  [
    "task/fiberScope.ts",
    "return wait.future !== undefined && (this.#protects(error) || wait)",
    "return this.#protects(error) || wait.future === undefined || wait"
  ],
  ["task/fiberScope.ts", "&& (this.#protects(error) || wait)", "&& wait"],
  ["task/fiberScope.ts", "return this.#protects(error) || inner", "return inner"],
  [
    "task/fiberScope.ts",
    "if (root?.due !== undefined && requestOf(error).place !== undefined && !isInShield(this)) this.#protects(root.due)",
    ""
  ],
  ["task/fiberScope.ts", " && !isInShield(this)", ""],
  ["task/requestCounts.ts", "scope.isShielded === true ? undefined : scope.outer", "scope.outer"],
  ["task/callbackScope.ts", "if (scope !== this && scope.isShielded === true) continue", ""],
  ["task/ending.ts", " : part.isShielded !== true", " : true"],
  ["task/fiberScope.ts", "if (requestOf(error).place !== this.place) this.#interrupt", "this.#interrupt"],
  ["task/fiberScope.ts", "error !== undefined && this.#protects(error) ? undefined : error", "error"],
  ["task/fiberScope.ts", "if (this.outer !== undefined) keepDue(this, error)", ""],
  ["task/fiberScope.ts", "this.task.loop.enqueue({ run: () => this.#deliver() })", ""],
  [
    "task/fiberScope.ts",
    " || delivering.has(this)",
    "",
    "The first delivery takes all that is due, and another one in the queue finds nothing. A matter of speed."
  ],
  ["task/fiberScope.ts", "    delivering.delete(this)\n", ""],
  ["task/fiberScope.ts", "takeOver(this, takeDue(scope))", ""],
  ["task/fiberScope.ts", "if (this.pendingCancellation() !== undefined) this.deliverSoon()", ""],
  ["task/fiberScope.ts", "if (this.wait === undefined) this.deliverSoon()", ""],
  ["task/fiberScope.ts", "if (error !== undefined) this.#deliverRest()", ""],
  [
    "task/fiberScope.ts",
    "this.#boundary = boundary.around\n    this.#deliverRest()",
    "this.#boundary = boundary.around"
  ],
  [
    "task/fiberScope.ts",
    "this.wait !== undefined || this.inner !== undefined) return\n    const",
    "this.inner !== undefined) return\n    const"
  ],
  ["task/fiberScope.ts", "if (!delivered) for (const error of boundary.interruptions ?? []) this.#protects(error)", ""],
  ["task/callbackScope.ts", "if (answer !== true) all = false", "void all"],
  ["task/callbackScope.ts", "const answer = known ?? ask(asked, error)", "const answer = ask(asked, error)"],
  ["task/callbackScope.ts", "if (this.pendingCancellation() !== undefined) fiberScope.deliverSoon()", ""],
  [
    "make/coroutines.ts",
    "error !== undefined && callbackScope.wasDelivered(error) ? ownCancellation(error) : exit",
    "exit"
  ],
  ["task/callbackScope.ts", "outermost.#delivered = new WeakSet([known, request])", "outermost.#delivered = request"],
  ["task/callbackScope.ts", "const request = requestOf(ended)", "const request = {} as CancelRequest"],
  ["task/callbackScope.ts", "else if (requestsOn(this) > 0) cancelOnly", "else cancelOnly"],
  ["task/callbackScope.ts", "    handOverDue(takeDue(this), outer)\n", ""],
  [
    "task/ending.ts",
    "scope.over = failed && !wasTold && !hearsOfItsEnd(scope) ? overAndToBeTold : over",
    "scope.over = over"
  ],
  ["task/ending.ts", "if (wasTold) return ending.handOver(scope, around(scope))", ""],
  ["task/ending.ts", "if (failed) scope.driver.cancelRequested(error, true)", ""],
  ["task/ending.ts", "part instanceof Wait ? part.future?.shared !== true : part", "part instanceof Wait || part"],
  ["task/ending.ts", "if (scope.over !== overAndToBeTold) scope.over = aftermath", "scope.over = aftermath"],
  ["task/ending.ts", "if (hearsOfItsEnd(scope)) scope.over = told", "scope.over = told"],
  ["task/aftermath.ts", "if (around !== undefined && scope.inFlight()) handOver(scope, around())", ""],
  ["task/ending.ts", "if (ended === undefined) takeOver(around, due)\n", "if (true) takeOver(around, due)\n"],
  ["task/ending.ts", "else if (isOver(ended)) ended.over = overAndToBeTold", ""],
  ["task/aftermath.ts", " || tellsOfAnEnd(part.due)", ""],
  ["task/aftermath.ts", "this.isGivenUp = error !== undefined", ""],
  ["task/aftermath.ts", "!scope.isGivenUp && scope.task !== main", "!scope.isGivenUp"],
  ["task/callbackScope.ts", "for (const part of scope.parts()) if (part instanceof FiberScope) takeDue(part)\n", "\n"],
  ["task/scope.ts", "if (scope.isGivenUp === true) return undefined", ""],
  ["task/scope.ts", "(last === undefined || !covers(last, at.due))", "last === undefined"],
  ["task/scope.ts", "|| covers(due, pending)", ""],
  ["task/callbackScope.ts", "part.innerToTell : part\n", "undefined : part\n"],
  [
    "task/callbackScope.ts",
    "part instanceof FiberScope ? part.innerToTell : part\n",
    "part instanceof FiberScope && part.innerToTell\n"
  ],
  [
    "task/fiberScope.ts",
    "return this.fiber === undefined || isInterruptible(this.fiber) ? this.inner : undefined",
    "return this.inner"
  ],
  ["make/coroutines.ts", "callbackScope.giveUp(fiberInterrupted())", ""],
  [
    "task/fiberWait.ts",
    "future.cancelWith(fiberInterrupted(currentTaskOf(future.loop)))\n  wait.abandoned()",
    "wait.abandoned()"
  ],
  ["task/fiberWait.ts", "return untilDone(future)", "return Effect.void"],
  ["task/cancellation.ts", "return undefined\n    }\n  }", "continue\n    }\n  }"],
  ["task/ownFiber.ts", "return interruptNested(loop, inner)", "return Effect.void"],
  ["combine/bodyTarget.ts", "request(this.scope, error)", "this.task.cancelWith(error)"],
  ["combine/bodyTarget.ts", "    requestOf(error).place = undefined\n", ""],
  ["task/ownFiber.ts", "{ uninterruptible: !isInterruptible(outer) }", "{}"],
  ["task/untilNotCancelled.ts", "possible === restore ? untilNotCancelled(restore, wait, seen) : wait(", "wait("],
  [
    "combine/timeout.ts",
    "if (left > this.#cancelling || Exit.isSuccess(exit)) return exit",
    "if (Exit.isSuccess(exit)) return exit"
  ],
  ["combine/timeout.ts", "if (cancellation === undefined) return exit", ""],
  ["combine/timeout.ts", "if (left > 0) yieldToOther(this.#request!, exit)", ""],
  ["task/cancellation.ts", "if (found !== undefined) hide(error, found)", ""],
  ["combine/taskGroup.ts", "if (this.#aborted === undefined) this.#abortAll(becauseOf(task, error, this.#target))", ""],
  ["combine/taskGroup.ts", "passOn = left === 0 ? undefined : (cancelled ?? arrived)", ""],
  ["combine/taskGroup.ts", "if (left > 0) yieldToOther(request, arrived, cancelled)", ""],
  ["combine/taskGroup.ts", "? undefined : (cancelled ?? arrived)", "? undefined : cancelled"],
  [
    "combine/taskGroup.ts",
    "target.askAgain(retold((hidden && cancellationIn(hidden)) ?? hiddenByFailure(target)))",
    ""
  ],
  ["combine/gather.ts", 'return inRing ? "ring" : taken', "return taken"],
  ["combine/gather.ts", "if (taken) this.#cancelRequested = error", ""],
  ["combine/shield.ts", "if (outer.cancelled()) return", ""],
  ["task/sleepFuture.ts", "this.loop.removeTimer(this)", ""],
  ...elsewhere,
  ...helpers,
  ...treesAndTexts,
  ...looking
]

const nameOf = (path: string): string => (path.startsWith("compat/") ? "compat/" : "") + basename(path)

const shortKeyOf = ([file, guard]: Mutation): string => `${nameOf(file)}: ${guard}`

const times = new Map<string, number>()
for (const key of mutations.map(shortKeyOf)) times.set(key, (times.get(key) ?? 0) + 1)

/** What a guard is called in the record. Its folders do not count, so that a source can be moved. */
export const keyOf = (mutation: Mutation): string => {
  const key = shortKeyOf(mutation)
  return times.get(key) === 1 ? key : `${key} -> ${mutation[2]}`
}

const sources = new Map<string, ReadonlyArray<string>>()

/** The files of a package's sources, below `packages`. */
export const sourcesOf = (packages: URL, name: string): ReadonlyArray<string> => {
  const known = sources.get(name)
  if (known !== undefined) return known
  const found = readdirSync(new URL(`${name}/src/`, packages), { recursive: true, encoding: "utf8" })
    .map((path) => `${name}/src/${path.replaceAll("\\", "/")}`)
    .filter((path) => path.endsWith(".ts"))
  sources.set(name, found)
  return found
}

/**
 * Where the file of a mutation may lie, below `packages`. Its folders do not count where the name alone says which file is meant:
 * the one in `internal`, if there is one. So sources can be moved.
 */
export const pathsOf = (packages: URL, file: string): ReadonlyArray<string> => {
  const [, name = "core", path = file] = /^(core|compat)\/(.*)$/.exec(file) ?? []
  const all = sourcesOf(packages, name)
  const base = path.slice(path.lastIndexOf("/") + 1)
  const inside = `${name}/src/internal/`
  for (const exact of [`${name}/${path}`, `${inside}${path}`]) if (all.includes(exact)) return [exact]
  const named = all.filter((found) => found.endsWith(`/${base}`))
  const internal = named.filter((found) => found.startsWith(inside))
  return internal.length > 0 ? internal : named
}

/** The mutations whose guard does not stand exactly once in its file, or whose file is none or several. */
export const misplaced = (packages: URL): ReadonlyArray<Mutation> => {
  const texts = new Map<string, string>()
  const textOf = (path: string): string => {
    const text = texts.get(path) ?? readFileSync(new URL(path, packages), "utf8")
    texts.set(path, text)
    return text
  }
  return mutations.filter(([file, guard]) => {
    const [path, other] = pathsOf(packages, file)
    return path === undefined || other !== undefined || textOf(path).split(guard).length !== 2
  })
}
