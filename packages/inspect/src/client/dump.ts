/**
 * Reads what a process tells of itself.
 */
import {
  type Dump,
  type EndedRow,
  type LoopRow,
  type ObjectRow,
  type Piece,
  protocolVersion,
  type TaskRow
} from "../protocol.ts"
import type { Answers } from "../border/answers.ts"
import { notOurs } from "../errors.ts"
import { rowsOf } from "./columns.ts"
import { calledOf } from "../text/called.ts"
import type { Talk } from "./talking.ts"

/** A process that tells of more tasks than this has none of them: a million is a lot. */
const mostTasks = 4_000_000

/** The pieces of a dump, as they come; behind the last, for how long the program has stood still at most, where it says so. */
export async function* pieces(connection: Talk): AsyncGenerator<Piece, number | undefined> {
  const answer = connection.request({ request: "dump", columns: true }) as AsyncGenerator<Answers["dump"]>
  let longest: number | undefined
  let tasks = 0
  // A loop, its tasks, and its locks and the like, by which it is closed.
  let isInLoop = false
  for await (const given of answer) {
    if ("stall" in given) {
      longest = given.stall
      continue
    }
    const piece = "columns" in given ? { tasks: rowsOf(given.columns) } : given
    if ("tasks" in piece) tasks += piece.tasks.length
    if ("loop" in piece === isInLoop || tasks > mostTasks)
      throw notOurs(calledOf(connection.hello), "the pieces are no dump")
    isInLoop = !("objects" in piece)
    yield piece
  }
  if (isInLoop) throw notOurs(calledOf(connection.hello), "the dump has no end")
  return longest
}

/** A loop of which not all is read yet. */
interface GrowingLoop extends LoopRow {
  readonly tasks: Array<TaskRow>
  readonly ended: Array<EndedRow>
  readonly objects: Array<ObjectRow>
}

/** A whole dump. */
export const readDump = async (connection: Talk): Promise<Dump> => {
  const takenAt = new Date().toISOString()
  const loops: Array<GrowingLoop> = []
  const reading = pieces(connection)
  for (;;) {
    const { done, value: piece } = await reading.next()
    if (done === true) {
      const stall = piece === undefined ? {} : { stall: piece }
      return { protocol: protocolVersion, process: connection.hello, takenAt, loops, ...stall }
    }
    if ("loop" in piece) loops.push({ ...piece.loop, ended: [...piece.loop.ended], tasks: [], objects: [] })
    else if ("tasks" in piece) for (const task of piece.tasks) loops.at(-1)!.tasks.push(task)
    else if ("ended" in piece) for (const task of piece.ended) loops.at(-1)!.ended.push(task)
    else for (const object of piece.objects) loops.at(-1)!.objects.push(object)
  }
}
