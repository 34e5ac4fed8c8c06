/**
 * Frames of our own on the stack of a fiber: what has to happen when a part of its code is over, however it ended.
 *
 *     pushed ──the code inside ends──▶ ended ──what follows is over──▶ left, and the fiber can be interrupted again
 *
 * Effect says the same with a mask, `Effect.exit` and what follows it, which is half a dozen operations and as many objects; a
 * frame is one object and no operation. Effect's types do not promise how a fiber keeps its frames: that is tried out once,
 * and where it is otherwise the code that would push a frame uses a mask.
 */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { AnyFiber } from "../model/AnyFiber.ts"
import { fastPaths } from "../host/fastPaths.ts"
import { type FiberInside, insideOf } from "./fiberInside.ts"

type Next = Effect.Effect<unknown, unknown>

export abstract class OwnFrame {
  #state: "inside" | "ended" | "left" = "inside"
  #interruptible = true

  /** Begins: what the fiber does next is inside. Only if {@link canPush}. */
  push(fiber: AnyFiber): void {
    insideOf(fiber)._stack.push(this)
  }

  /**
   * The code inside is over. What it gives is done where nothing interrupts, and what it ends with is how the frame ends.
   * It may throw.
   */
  protected abstract ended(fiber: AnyFiber, exit: Exit.Exit<unknown, unknown>): Next

  // Effect asks every frame that it takes from the stack, before it looks for one that wants the result: an interrupted
  // fiber passes over all others. From here to the end nothing interrupts.
  "~effect/Effect/ensureCont"(fiber: FiberInside): (() => Next) | undefined {
    if (this.#state === "left") return this.#unmask(fiber)
    if (this.#state === "inside") this.#interruptible = fiber.interruptible
    fiber.interruptible = false
    return undefined
  }

  "~effect/Effect/successCont"(value: unknown, fiber: FiberInside, exit?: Exit.Exit<unknown, unknown>): Next {
    return this.#next(fiber, exit ?? Exit.succeed(value))
  }

  "~effect/Effect/failureCont"(
    cause: Cause.Cause<unknown>,
    fiber: FiberInside,
    exit?: Exit.Exit<unknown, unknown>
  ): Next {
    return this.#next(fiber, exit ?? Exit.failCause(cause))
  }

  #next(fiber: FiberInside, exit: Exit.Exit<unknown, unknown>): Next {
    if (this.#state === "left") return exit
    if (this.#state === "ended") return this.#leave(fiber, exit)
    this.#state = "ended"
    let next: Next
    try {
      next = this.ended(fiber as unknown as AnyFiber, exit)
    } catch (defect) {
      next = Exit.die(defect)
    }
    // Mostly the two are the same, and `isExit` costs a look for a property.
    if (next === exit || Exit.isExit(next)) return this.#leave(fiber, next as Exit.Exit<unknown, unknown>)
    fiber._stack.push(this)
    return next
  }

  #leave(fiber: FiberInside, exit: Exit.Exit<unknown, unknown>): Exit.Exit<unknown, unknown> {
    if (fiber._interruptedCause === undefined) fiber.interruptible = this.#interruptible
    else {
      // The fiber was interrupted meanwhile. Taken from the stack once more, the frame says so as the end of a mask does,
      // and Effect decides what becomes of the exit.
      this.#state = "left"
      fiber._stack.push(this)
    }
    return exit
  }

  #unmask(fiber: FiberInside): (() => Next) | undefined {
    fiber.interruptible = this.#interruptible
    const interrupted = this.#interruptible ? fiber._interruptedCause : undefined
    return interrupted && (() => Exit.failCause(interrupted))
  }
}

/** Whether frames may be pushed; undefined until that was tried out. */
let usable: boolean | undefined

export const canPush = (): boolean => (usable ??= fastPaths && tryOut())

/** For tests: calls `f` without frames, or with them, until the promise that `f` gives is settled. */
export const withFrames = async <A>(allowed: boolean, f: () => Promise<A>): Promise<A> => {
  const before = canPush()
  usable = allowed && before
  try {
    return await f()
  } finally {
    usable = before
  }
}

/** Notes how the code inside ended, and takes an interruption back. */
class Sample extends OwnFrame {
  readonly #seen: Array<unknown>
  readonly #after: Effect.Effect<unknown>

  constructor(seen: Array<unknown>, after: Effect.Effect<unknown>) {
    super()
    this.#seen = seen
    this.#after = after
  }

  protected override ended(fiber: AnyFiber, exit: Exit.Exit<unknown, unknown>): Next {
    const interior = insideOf(fiber)
    this.#seen.push(exit._tag, interior.interruptible, interior._interruptedCause?.reasons.length ?? 0)
    interior._interruptedCause = undefined
    return this.#after
  }
}

const tryOut = (): boolean => {
  try {
    const seen: Array<unknown> = []
    const inSample = (inside: Effect.Effect<unknown, unknown>, after: Effect.Effect<unknown>) =>
      Effect.withFiber<unknown, unknown>((fiber) => {
        new Sample(seen, after).push(fiber)
        return inside
      })
    const suspended = () => Effect.callback<unknown>((resume) => void resumes.push(resume))
    const resumes: Array<(effect: Effect.Effect<unknown>) => void> = []
    const interruptible = Effect.withFiber((fiber) => Effect.succeed(insideOf(fiber).interruptible))
    // Interrupted in a frame that takes it back, and once more in what follows the end of that, which nothing interrupts.
    const twice = Effect.andThen(inSample(suspended(), Effect.andThen(suspended(), interruptible)), suspended())
    const fibers = [
      Effect.runFork(inSample(Effect.succeed(1), Exit.succeed(2))),
      Effect.runFork(
        Effect.flatMap(inSample(Effect.fail(1), Exit.succeed(3)), (value) =>
          Effect.map(interruptible, (again) => (again ? value : "masked"))
        )
      ),
      Effect.runFork(Effect.andThen(inSample(suspended(), Exit.void), suspended())),
      Effect.runFork(twice)
    ]
    fibers[2]!.interruptUnsafe()
    fibers[3]!.interruptUnsafe()
    const between = fibers.map((fiber) => fiber.pollUnsafe() === undefined)
    fibers[3]!.interruptUnsafe()
    const still = fibers[3]!.pollUnsafe() === undefined
    for (const resume of resumes) resume(Exit.succeed(4))
    const values = fibers.map((fiber) => {
      const exit = fiber.pollUnsafe()
      return exit?._tag === "Success" ? exit.value : exit?._tag
    })
    const found = [...between, still, ...values, ...seen]
    const expected = [false, false, true, true, true, 2, 3, 4, "Failure"]
    const endings = ["Success", false, 0, "Failure", false, 0, "Failure", false, 1, "Failure", false, 1]
    return [...expected, ...endings].every((value, i) => value === found[i])
  } catch {
    return false
  }
}
