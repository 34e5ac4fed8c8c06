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
  let state = place[key] as State | undefined
  if (state === undefined) {
    const loops: Array<any> = []
    for (const reference of known?.loops ?? []) {
      const loop = reference.deref()
      if (loop !== undefined && !loop.isClosed()) loops.push(loop)
    }
    state = { loops, tasks: undefined, over: [] }
    Object.defineProperty(place, key, { value: state, configurable: true, enumerable: false })
  }
  const pieces: Array<unknown> = []
  let read = 0
  while (read < tasksPerPiece && state.loops.length > 0) {
    const loop = state.loops[0]
    if (state.tasks === undefined) {
      const counts = /^<EventLoop (\w+) ready=(\d+) timers=(\d+)>$/.exec(String(loop))
      state.tasks = [...loop.allTasksUnsafe()]
      pieces.push({
        loop: {
          time: loop.time(),
          state: counts?.[1] ?? "running",
          debug: loop.getDebug(),
          ready: Number(counts?.[2] ?? 0),
          timers: Number(counts?.[3] ?? 0),
          ended: loop.endedTasks.map((row: object) => ({ ...row, duration: undefined }))
        }
      })
    }
    const rows = []
    for (const task of state.tasks.splice(0, tasksPerPiece - read)) {
      read++
      if (task.done()) {
        state.over.push(task.id)
        continue
      }
      const { awaitedBy: _, coroutine: __, waitingFor, ...row } = task.snapshot()
      rows.push({ ...row, waits: waitingFor === undefined ? [] : [{ kind: "future", text: String(waitingFor) }] })
    }
    if (rows.length > 0) pieces.push({ tasks: rows })
    if (state.tasks.length === 0) {
      const over = new Set(state.over)
      const ended = loop.endedTasks.filter(({ id }: { id: number }) => over.has(id))
      if (ended.length > 0) pieces.push({ ended: ended.map((row: object) => ({ ...row, duration: undefined })) })
      pieces.push({ objects: [] })
      state.over = []
      state.loops.shift()
      state.tasks = undefined
    }
  }
  const more = state.loops.length > 0
  if (!more) delete place[key]
  return JSON.stringify({ pieces, more, there: known !== undefined })
}
