/**
 * Locks, queues and groups of core, each with something left out that no plain run misses: so much does a sweep of our own programs
 * (ourOwn.test.ts) find.
 *
 * Each mutant is tried in a process of its own, mutantMain.ts, which loads the sources with it.
 */
import { spawn } from "node:child_process"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"

export interface Mutant {
  /** Below packages/core/src. */
  readonly file: string
  readonly guard: string
  readonly rest: string
  /** What is wrong then. */
  readonly about: string
  /** Which programs are about it: what their `describe` says begins so. */
  readonly programs: string
}

/** What a search for a mutant comes to. */
export interface Hunt {
  /** The program that has found it; undefined where none has. */
  readonly program: string | undefined
  /** How many runs there were until then, of all programs that were tried. */
  readonly runs: number
  /** Whether one of the programs has found it without any cancellation: a plain test does. */
  readonly isPlain: boolean
}

export const mutants: ReadonlyArray<Mutant> = [
  {
    file: "Lock.ts",
    guard: "if (!this.locked()) this.#waiters.wakeFirst()",
    rest: "",
    about: "a lock goes to nobody where who was given it is cancelled",
    programs: "a lock"
  },
  {
    file: "Semaphore.ts",
    guard: "if (given) this.#value++\n",
    rest: "\n",
    about: "a permit that was given to who is cancelled is lost",
    programs: "a semaphore"
  },
  {
    file: "Semaphore.ts",
    guard: "if (given) this.#value++\n      this.#wakeAll()",
    rest: "if (given) this.#value++",
    about: "nobody is woken for a permit that was given to who is cancelled",
    programs: "a semaphore"
  },
  {
    file: "Queue.ts",
    guard: "if (given && !this.empty()) this.#getters.takeAndWakeNext()",
    rest: "",
    about: "an item waits for who was cancelled",
    programs: "a queue"
  },
  {
    file: "Queue.ts",
    guard: "if (given && !this.full()) this.#putters.takeAndWakeNext()",
    rest: "",
    about: "a free place waits for who was cancelled",
    programs: "a queue"
  },
  {
    file: "internal/sync/waitQueue.ts",
    guard: "this.#waiters.remove(waiter)\n      if (waiter.wake()) return",
    rest: "this.#waiters.remove(waiter)\n      waiter.wake()\n      return",
    about: "who was cancelled is woken in place of the next",
    programs: "a queue"
  },
  {
    file: "internal/sync/attempt.ts",
    guard: "  abandon(waiter: Waiter): void {\n    this.waiters.leave(waiter)",
    rest: "  abandon(waiter: Waiter): void {",
    about: "a cancelled waiter stays in the wait queue",
    programs: ""
  },
  {
    file: "Condition.ts",
    guard: "return Effect.onError(waiting, () => Effect.sync(() => this.#waiters.wake(1)))",
    rest: "return waiting",
    about: "a notification is lost with who was cancelled",
    programs: "a condition"
  },
  {
    file: "Condition.ts",
    guard: "failure ?? Effect.succeed(true as const)",
    rest: "Effect.succeed(true as const)",
    about: "a condition swallows the cancellation of who waits",
    programs: "a condition"
  },
  {
    file: "Condition.ts",
    guard: "(cancelled) => (failure = cancelled)",
    rest: "() => {}",
    about: "a condition swallows the cancellation that comes while its lock is taken again",
    programs: "a condition"
  },
  {
    file: "Barrier.ts",
    guard: "return Effect.onExit(Effect.as(passed, index), () => this.#leave(index))",
    rest: "return Effect.tap(Effect.as(passed, index), () => this.#leave(index))",
    about: "who was cancelled at a barrier counts on",
    programs: "a condition"
  },
  {
    file: "internal/combine/taskGroup.ts",
    guard: "if (member.isTaken() || task.cancelled()) return",
    rest: "if (member.isTaken()) return",
    about: "a cancelled task of a group counts as failed",
    programs: "a group"
  },
  {
    file: "internal/combine/taskGroup.ts",
    guard: "if (this.#aborted === undefined) this.#abort(cancellation ?? bodyFailed(this.#target, error))",
    rest: "",
    about: "a group whose body is cancelled waits for its tasks and cancels none",
    programs: "a group"
  },
  {
    file: "internal/combine/taskGroup.ts",
    guard: "        cancelled = failure\n        this.#abort(cancellationIn(failure)!)",
    rest: "        cancelled = failure",
    about: "a group that is cancelled at its end waits for its tasks and cancels none",
    programs: "a group"
  },
  {
    file: "internal/combine/taskGroup.ts",
    guard: "if (passOn !== undefined && this.#errors.length === 0) return passOn",
    rest: "",
    about: "a group swallows its cancellation",
    programs: "a group"
  },
  {
    file: "internal/combine/taskGroup.ts",
    guard: "const left = target.uncancel(request)",
    rest: "const left = 0 as number",
    about: "a group does not take back its request",
    programs: "a group"
  }
]

/** Takes the sources with the mutant of this number, and sweeps our own programs. */
export const hunt = async (index: number): Promise<Hunt> => {
  const main = fileURLToPath(new URL("mutantMain.ts", import.meta.url))
  const args = ["--no-warnings", "--conditions=@effect-asyncio/source", main, String(index)]
  const { NODE_OPTIONS: _, ...env } = process.env
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] })
  const printed = await text(child.stdout)
  if (printed === "") throw new Error(`the sweep of mutant ${index} ended without a word: what it wrote stands above`)
  return JSON.parse(printed) as Hunt
}
