/**
 * What is run in a process that has nothing of this package: it reads, by the methods that every task has.
 */

/** Sent as text: it knows nothing but what is in it, and the list that all copies of core share. */
export const reader = (key: string, tasksPerPiece: number): string => {
  const place = globalThis as { [name: string]: unknown }
  const known = (globalThis as { [name: symbol]: { loops?: Iterable<{ deref(): any }> } | undefined })[
    Symbol.for("@effect-asyncio/core/loops")
  ]
  interface State {
    loops: Array<any>
    tasks: Array<any> | undefined
    // Those that have ended before they were looked at.
    over: Array<number>
  }
  // oxlint-disable-next-line unicorn/consistent-function-scoping -- it has to be in the text
  const withoutDuration = (row: object) => ({ ...row, duration: undefined })
  const begun = (): State => {
    const loops: Array<any> = []
    for (const reference of known?.loops ?? []) {
      const loop = reference.deref()
      if (loop !== undefined && !loop.isClosed()) loops.push(loop)
    }
    const state = { loops, tasks: undefined, over: [] }
    Object.defineProperty(place, key, { value: state, configurable: true, enumerable: false })
    return state
  }
  const loopPiece = (loop: any) => {
    const counts = /^<EventLoop (\w+) ready=(\d+) timers=(\d+)>$/.exec(String(loop))
    return {
      loop: {
        time: loop.time(),
        state: counts?.[1] ?? "running",
        debug: loop.getDebug(),
        ready: Number(counts?.[2] ?? 0),
        timers: Number(counts?.[3] ?? 0),
        ended: loop.endedTasks.map(withoutDuration)
      }
    }
  }
  // oxlint-disable-next-line unicorn/consistent-function-scoping -- it has to be in the text
  const rowOf = (task: any) => {
    const { awaitedBy: _, coroutine: __, waitingFor, ...row } = task.snapshot()
    return { ...row, waits: waitingFor === undefined ? [] : [{ kind: "future", text: String(waitingFor) }] }
  }
  /** What is told behind the tasks of a loop. */
  const lastPieces = (loop: any, ids: ReadonlyArray<number>): ReadonlyArray<unknown> => {
    const over = new Set(ids)
    const ended = loop.endedTasks.filter(({ id }: { id: number }) => over.has(id))
    return [...(ended.length > 0 ? [{ ended: ended.map(withoutDuration) }] : []), { objects: [] }]
  }

  const state = (place[key] as State | undefined) ?? begun()
  const pieces: Array<unknown> = []
  let read = 0
  while (read < tasksPerPiece && state.loops.length > 0) {
    const loop = state.loops[0]
    if (state.tasks === undefined) {
      state.tasks = [...loop.allTasksUnsafe()]
      pieces.push(loopPiece(loop))
    }
    const rows = []
    for (const task of state.tasks.splice(0, tasksPerPiece - read)) {
      read++
      if (task.done()) state.over.push(task.id)
      else rows.push(rowOf(task))
    }
    if (rows.length > 0) pieces.push({ tasks: rows })
    if (state.tasks.length === 0) {
      pieces.push(...lastPieces(loop, state.over))
      state.over = []
      state.loops.shift()
      state.tasks = undefined
    }
  }
  const more = state.loops.length > 0
  if (!more) delete place[key]
  return JSON.stringify({ pieces, more, there: known !== undefined })
}
