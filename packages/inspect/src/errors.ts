/**
 * What goes wrong when a process is looked into.
 *
 * @since 0.1.0
 */

/**
 * A process could not be looked into, or did not do what it was asked for.
 *
 * **Details**
 *
 * The message says what is wrong and what to do. `exitCode` is what the command ends with: 1 where it was not possible, 2 where it was
 * asked for wrongly, 3 where the process does not answer.
 *
 * @category errors
 * @since 0.1.0
 */
export class InspectError extends Error {
  override readonly name = "InspectError"
  readonly exitCode: 1 | 2 | 3

  constructor(message: string, exitCode: 1 | 2 | 3 = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

/**
 * What a process says that does not speak as ours do.
 *
 * @internal
 */
export const notOurs = (subject: string, why?: string): InspectError =>
  new InspectError(
    `what listens for ${subject} is no process of @effect-asyncio/inspect${why === undefined ? "" : `: ${why}`}`
  )
