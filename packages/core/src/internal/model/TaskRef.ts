/**
 * What is left of a task where the task itself must not be kept: its number and its name.
 */
import { inspect } from "../host/inspect.ts"

/**
 * The number and the name of a task, as it was called then. It does not keep the task alive.
 *
 * **Details**
 *
 * Prints, and turns into a string, as the name; as JSON it is `{ id, name }`.
 *
 * @category models
 * @since 0.1.0
 */
export class TaskRef {
  /** The task's {@link Task.id}. */
  readonly id: number
  // A number stands for `Task-N`, whose string is only made when somebody asks.
  readonly #name: string | number

  /** @hidden */
  constructor(id: number, name: string | number) {
    this.id = id
    this.#name = name
  }

  /** The name that the task had. */
  get name(): string {
    return typeof this.#name === "number" ? `Task-${this.#name}` : this.#name
  }

  toString(): string {
    return this.name
  }

  toJSON(): { readonly id: number; readonly name: string } {
    return { id: this.id, name: this.name }
  }

  [inspect](): string {
    return this.name
  }
}

// One counter for all copies of the package, so that a number is nobody else's.
const counter = Symbol.for("@effect-asyncio/core/taskIds")

interface Counter {
  last: number
}

const ids: Counter = ((globalThis as { [counter]?: Counter })[counter] ??= { last: 0 })

/** The number of the next task that is made. */
export const nextTaskId = (): number => ++ids.last
