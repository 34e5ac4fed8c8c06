import * as Exit from "effect/Exit"
import type { TaskLoop } from "./taskLoop.ts"
import { isDeep, nested } from "../host/nesting.ts"
import type { FiberScope } from "./fiberScope.ts"
import { Wait } from "./wait.ts"

/**
 * The end of a part of a task, which has the fiber around go on in the loop's next iteration: too many end at once. For the
 * fiber scope it is an await that was woken, so that nothing interrupts the fiber before it has seen how the part ended.
 */
export class Unwinding extends Wait {
  readonly #goOn: () => void

  constructor(loop: TaskLoop, scope: FiberScope | undefined, goOn: () => void) {
    super(scope, undefined, () => {})
    this.#goOn = goOn
    scope?.addWait(this)
    loop.enqueue(this)
  }

  override run(): void {
    if (this.dead) return
    this.giveUp()
    if (this.task === undefined) this.#goOn()
    else this.task.loop.runStep(this.task, { resume: this.#goOn }, Exit.void as Exit.Exit<never>)
  }

  /** The fiber goes on without it. */
  giveUp(): void {
    this.dead = true
    this.scope?.removeWait(this)
  }
}

/** Has the fiber that waited for a part go on with how the part ended: at once, unless too many do. */
export const unwind = <E>(
  loop: TaskLoop,
  scope: FiberScope | undefined,
  exit: E,
  resume: (exit: E) => void
): Unwinding | undefined => {
  if (isDeep()) return new Unwinding(loop, scope, () => nested(() => resume(exit)))
  nested(() => resume(exit))
  return undefined
}
