/**
 * Reads what a process tells of itself.
 */
import {
  type Dump,
  type LoopRow,
  type ObjectRow,
  type Piece,
  protocolVersion,
  type TaskColumns,
  type TaskRow
} from "../protocol.ts"
import { rowsOf } from "./columns.ts"
import type { Talk } from "./connection.ts"

/** The pieces of a dump, as they come; behind the last, for how long the program has stood still at most, where it says so. */
export async function* pieces(connection: Talk): AsyncGenerator<Piece, number | undefined> {
  const answer = connection.request({ request: "dump", columns: true })
  let longest: number | undefined
  for await (const piece of answer as AsyncGenerator<
    Piece | { readonly columns: TaskColumns } | { readonly stall: number }
  >) {
    if ("stall" in piece) longest = piece.stall
    else yield "columns" in piece ? { tasks: rowsOf(piece.columns) } : piece
  }
  return longest
}

/** A whole dump. */
export const readDump = async (connection: Talk): Promise<Dump> => {
  const takenAt = new Date().toISOString()
  const loops: Array<LoopRow & { readonly tasks: Array<TaskRow>; readonly objects: Array<ObjectRow> }> = []
  const reading = pieces(connection)
  for (;;) {
    const { done, value: piece } = await reading.next()
    if (done === true) {
      const stall = piece === undefined ? {} : { stall: piece }
      return { protocol: protocolVersion, process: connection.hello, takenAt, loops, ...stall }
    }
    if ("loop" in piece) loops.push({ ...piece.loop, tasks: [], objects: [] })
    else if ("tasks" in piece) for (const task of piece.tasks) loops.at(-1)?.tasks.push(task)
    else for (const object of piece.objects) loops.at(-1)?.objects.push(object)
  }
}
