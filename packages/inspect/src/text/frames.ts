/**
 * The stacks of tasks in asyncio's words: the functions of asyncio that a task waits in stand on its stack, as they do in CPython, where
 * they are coroutines like all others.
 */
import type { AwaitRow, FrameRow, TaskRow } from "../protocol.ts"
import { printable } from "./printable.ts"

/** A frame: its name, and FILE:LINE, if that is known. */
export interface Frame {
  readonly name: string
  readonly place: string | undefined
}

/** The frames of a task, innermost first. */
export const framesOf = (task: TaskRow): ReadonlyArray<Frame> => [
  ...asyncioFrames(task.waits).map((name) => ({ name: printable(name), place: undefined })),
  ...task.stack.map(frameOf).toReversed()
]

const namesIn = new WeakMap<TaskRow["stack"], ReadonlyArray<string>>()

/** Their names alone. Tasks that came in columns share their stacks: each is gone through once. */
export const frameNamesOf = ({ stack, waits }: TaskRow): ReadonlyArray<string> => {
  let names = namesIn.get(stack)
  if (names === undefined) namesIn.set(stack, (names = stack.map(({ name }) => printable(name)).toReversed()))
  const functions = asyncioFrames(waits)
  return functions.length === 0 ? names : [...functions.map(printable), ...names]
}

const frameOf = ({ definedAt, location, name }: FrameRow): Frame => ({
  name: printable(name),
  place: location === undefined ? definedAt && `defined at ${printable(definedAt)}` : printable(location)
})

/** CPython's functions that wait for what a task waits for, innermost first. A task with several awaits is in none of them. */
const asyncioFrames = (waits: ReadonlyArray<AwaitRow>): ReadonlyArray<string> => {
  const [only] = waits
  return waits.length === 1 && only !== undefined ? functionsFor(only) : []
}

/** Tasks with one stack and the same key have the same names of frames. */
export const functionsKey = ({ waits }: TaskRow): string => {
  const [only] = waits
  if (waits.length !== 1 || only === undefined) return ""
  return only.kind === "object" ? `object ${only.text} ${only.operation}` : only.kind
}

const functionsFor = ({ kind, operation, text = "" }: AwaitRow): ReadonlyArray<string> => {
  switch (kind) {
    case "sleep":
      return ["sleep"]
    case "group":
      return ["TaskGroup._aexit", "TaskGroup.__aexit__"]
    case "wait":
      return ["_wait", "wait"]
    case "thread":
      return ["to_thread"]
    case "object":
      return methodsFor(/^<(\w*)/.exec(text)?.[1] ?? "", operation ?? "")
    default:
      return []
  }
}

const methodsFor = (owner: string, operation: string): ReadonlyArray<string> => {
  if (operation === "use") return [`${classOf(owner)}.acquire`, "_ContextManagerMixin.__aenter__"]
  if (operation === "join") return ["Event.wait", "Queue.join"]
  return [`${classOf(owner)}.${operation}`]
}

/** The class in which CPython defines the methods. */
const classOf = (name: string): string => {
  if (name.endsWith("Semaphore")) return "Semaphore"
  return name.endsWith("Queue") ? "Queue" : name
}
