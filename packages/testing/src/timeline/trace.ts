/**
 * What a program did, as plain JSON: the input of everything that draws or tells it.
 *
 * A trace is a list of *steps*: of a task from one await to the next, or a callback of the loop. Virtual time stands
 * still in a step, so that the order of steps, and not the time, is what a picture has to show. Tasks are numbers: their places
 * in `tasks`, which is the order in which they were made.
 */
export interface Trace {
  readonly tasks: ReadonlyArray<TaskTrace>
  readonly steps: ReadonlyArray<Step>
  readonly end: End
}

export interface TaskTrace {
  readonly name: string
  /** `NAME()` of its coroutine, where that has one. */
  readonly coroutine: string | undefined
  /** The steps in which it was made and in which it ended; -1 stands for the time before the first. */
  readonly made: number
  readonly ended: number | undefined
  readonly outcome: Outcome | undefined
}

export interface Step {
  /** Milliseconds on the loop's clock. */
  readonly time: number
  /** Whose step it is, undefined for a callback of the loop. */
  readonly task: number | undefined
  /** Whether it is the whole of it, after which something can be done before the next step. */
  readonly whole: boolean
  readonly happenings: ReadonlyArray<Happening>
}

/** How a task ended. */
export interface Outcome {
  readonly kind: "returned" | "failed" | "cancelled"
  /** The error's text. */
  readonly text: string
}

/** How the program ended; `stopped` when it was too long to show. */
export interface End {
  readonly kind: "returned" | "failed" | "stopped"
  readonly text: string
}

/** What a task waits for between two steps, see `TaskWait` of `@effect-asyncio/core/testing`. */
export type Wait =
  | { readonly kind: "iteration" | "future" }
  /** `io` is the name of the stub whose I/O it has begun. */
  | { readonly kind: "elsewhere"; readonly io?: string | undefined }
  | { readonly kind: "sleep"; readonly until: number }
  | { readonly kind: "tasks"; readonly tasks: ReadonlyArray<number> }
  | { readonly kind: "object"; readonly object: string }

export type Happening =
  /** A task is made in this step. */
  | { readonly type: "made"; readonly task: number }
  | { readonly type: "printed"; readonly text: string }
  /** A task is asked to cancel itself; `through` is the task that passes the request on to the one it waits for. */
  | {
      readonly type: "asked"
      readonly task: number
      readonly by: string | undefined
      readonly reason: string | undefined
      readonly through: number | undefined
    }
  /** The request arrives; `caught` says that the task went on and did not end cancelled. */
  | { readonly type: "arrived"; readonly reason: string | undefined; readonly caught: boolean }
  /** The await ends with another task's cancellation. */
  | { readonly type: "saw"; readonly reason: string | undefined }
  | { readonly type: "waits"; readonly for: Wait }
  | { readonly type: "ended"; readonly task: number; readonly outcome: Outcome }

/** A cancellation that the reader asks for. */
export interface Cancel {
  readonly task: number
  readonly at: CancelPoint
}

/** After a step, -1 being the time before the first, or at a time between two steps. */
export type CancelPoint = { readonly after: number } | { readonly time: number }

/** The name of what asks for a {@link Cancel}, and the message that readers of the trace see. */
export const reader = "you"
export const readersReason = "you asked"

/** The message of a cancellation that a test asks for. */
export const testsReason = "cancelled by the test"

/** Everything the program printed, as a terminal shows it. */
export const outputOf = (trace: Trace, steps: number = trace.steps.length): ReadonlyArray<string> =>
  trace.steps
    .slice(0, steps)
    .flatMap(({ happenings }) => happenings.flatMap((it) => (it.type === "printed" ? it.text : [])))
