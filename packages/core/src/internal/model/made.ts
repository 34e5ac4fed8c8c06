/**
 * Listeners that hear of the locks, semaphores, queues, groups and timeouts that are made: a test looks at all of them at its end.
 */

/** Something that a program has made, and what it is. */
export interface Making {
  readonly kind: "lock" | "semaphore" | "queue" | "group" | "timeout"
  readonly object: object
}

type Listener = (making: Making) => void

/** Undefined while there is no listener: then it costs one comparison to make one. */
let listeners: ReadonlyArray<Listener> | undefined

export const onMade = (listener: Listener): (() => void) => {
  const own: Listener = (making) => listener(making)
  listeners = [...(listeners ?? []), own]
  return () => {
    const left = listeners?.filter((each) => each !== own) ?? []
    listeners = left.length === 0 ? undefined : left
  }
}

export const noteMade = (kind: Making["kind"], object: object): void => {
  if (listeners === undefined) return
  for (const listener of listeners) listener({ kind, object })
}
