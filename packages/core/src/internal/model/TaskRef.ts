/**
 * What is left of a task where the task itself must not be kept: its number and its name.
 */
import { inspect } from "../host/inspect.ts"

/**
 * What has a number, if it is a task, and a name. A number for a name stands for `Task-N`, whose string is only made when it is read.
 *
 * The types of what is public say it, so that it has to be in the types that are published.
 *
 * @hidden
 */
export interface Named {
  readonly id: number | undefined
  readonly givenName: string | number
}

/**
 * The name that is given as a string, or as the number of its task.
 *
 * @internal
 */
export const nameFrom = (givenName: string | number): string =>
  typeof givenName === "number" ? `Task-${givenName}` : givenName

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
  /** The task's {@link Task.id}; `undefined` for what is no task and was only named. */
  readonly id: number | undefined
  readonly #givenName: string | number

  /** @hidden */
  constructor({ givenName, id }: Named) {
    this.id = id
    this.#givenName = givenName
  }

  /** The name that the task had. */
  get name(): string {
    return nameFrom(this.#givenName)
  }

  /** The name. */
  toString(): string {
    return this.name
  }

  /** The number and the name as plain data. */
  toJSON(): { readonly id: number | undefined; readonly name: string } {
    return { id: this.id, name: this.name }
  }

  /** @hidden */
  [inspect](): string {
    return this.name
  }
}

// One counter for all copies of the package, so that no two tasks have the same number.
const counter = Symbol.for("@effect-asyncio/core/taskIds")

interface Counter {
  last: number
}

const ids: Counter = ((globalThis as { [counter]?: Counter })[counter] ??= { last: 0 })

/** The number of the next task that is made. */
export const nextTaskId = (): number => ++ids.last
