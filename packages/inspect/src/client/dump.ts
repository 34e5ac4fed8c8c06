/**
 * Reads what a process tells of itself.
 */
import { type Dump, type LoopRow, type ObjectRow, type Piece, protocolVersion, type TaskRow } from "../protocol.ts"
import type { Connection } from "./connection.ts"

/** The pieces of a dump, as they come. */
export const pieces = (connection: Connection): AsyncGenerator<Piece> =>
  connection.request({ request: "dump" }) as AsyncGenerator<Piece>

/** A whole dump. */
export const readDump = async (connection: Connection): Promise<Dump> => {
  const takenAt = new Date().toISOString()
  const loops: Array<LoopRow & { readonly tasks: Array<TaskRow>; readonly objects: Array<ObjectRow> }> = []
  for await (const piece of pieces(connection)) {
    if ("loop" in piece) loops.push({ ...piece.loop, tasks: [], objects: [] })
    else if ("tasks" in piece) loops.at(-1)?.tasks.push(...piece.tasks)
    else loops.at(-1)?.objects.push(...piece.objects)
  }
  return { protocol: protocolVersion, process: connection.hello, takenAt, loops }
}
