/**
 * Where something answers: a process, or what it has announced beside its loops, such as a cluster, by its place among these: `4711`, `4711:1`.
 */
export interface Place {
  readonly pid: number
  /** From 1 on; 0 is the process itself. */
  readonly part: number
}

export const placeText = ({ part, pid }: Place): string => (part === 0 ? String(pid) : `${pid}:${part}`)

/** The place that a text is; undefined where it is a name. */
export const placeOf = (text: string): Place | undefined => {
  const [, pid, part = "0"] = /^(\d+)(?::([1-9]\d*))?$/.exec(text) ?? []
  return pid === undefined ? undefined : { pid: Number(pid), part: Number(part) }
}

/** How what is there is called where something is wrong with it. */
export const subjectOf = (place: Place): string => `${place.part === 0 ? "process" : "cluster"} ${placeText(place)}`

/** In the order in which they are listed. */
export const inOrder = (places: ReadonlyArray<Place>): ReadonlyArray<Place> =>
  [...places].sort((a, b) => a.pid - b.pid || a.part - b.part)
