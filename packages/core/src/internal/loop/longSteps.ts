/**
 * When a task gives way in the middle of a step.
 *
 * A task is atomic between its awaits. It gives way only in a computation that is many times longer than what Effect has a fiber do in
 * one go, or that takes so long as to be reported in debug mode: operations may be dear.
 */
import type { AnyFiber } from "../model/AnyFiber.ts"

// So many times longer: 131,072 operations by default, a few milliseconds.
const taskBudget = 64
// A power of two: how many operations lie between two looks at the time. Not every operation is told, but one of any 33 is.
const operationsPerLook = 2048
const operationsToHit = 64

export class LongSteps {
  readonly #ownsStep: (fiber: AnyFiber) => boolean
  readonly #takesLong: () => boolean
  // The task's fiber whose computation was last found to be a long one.
  #fiber: AnyFiber | undefined = undefined
  // The task's fiber that gives way: what it schedules next is the rest of its step.
  #givingWay: AnyFiber | undefined = undefined

  /** `ownsStep` says whether a fiber is a task's own, `takesLong` whether the step under way has taken long already. */
  constructor(ownsStep: (fiber: AnyFiber) => boolean, takesLong: () => boolean) {
    this.#ownsStep = ownsStep
    this.#takesLong = takesLong
  }

  /** Whether a fiber that has done what Effect allows it in one go is to let others go on. */
  givesWay(fiber: AnyFiber): boolean {
    if (fiber !== this.#fiber) {
      if (!this.#ownsStep(fiber)) return true
      this.#fiber = fiber
    }
    const operations = fiber.currentOpCount
    const looks = (operations & (operationsPerLook - 1)) < operationsToHit
    if (operations < taskBudget * fiber.cache.maxOpsBeforeYield && !(looks && this.#takesLong())) return false
    this.#givingWay = fiber
    return true
  }

  /** Whether what `fiber` schedules now is the rest of a step that has given way. */
  goesOn(fiber: AnyFiber | undefined): fiber is AnyFiber {
    const gaveWay = this.#givingWay
    this.#givingWay = undefined
    return fiber !== undefined && fiber === gaveWay
  }

  /** The loop works no more: the fiber is not to be kept. */
  forget(): void {
    this.#fiber = undefined
  }
}
