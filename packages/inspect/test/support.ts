/**
 * What the tests of looking have in common.
 */
import type { EventLoop } from "@effect-asyncio/core"
import type { Dump, EndedRow, LoopRow, ObjectRow, TaskRow } from "@effect-asyncio/inspect"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { Agent } from "../src/target/agent.ts"
import type { Hello, Piece } from "../src/protocol.ts"

export const hello: Hello = {
  protocol: 1,
  pid: 4711,
  name: "test",
  host: "node 24.0.0",
  version: "0.1.0",
  thread: "main",
  startedAt: 0
}

/** All pieces of a dump, and how many times the program could have gone on between two. */
export const piecesOf = (agent: Agent): { readonly pieces: ReadonlyArray<Piece>; readonly parts: number } => {
  const first = agent.begin()
  const pieces = [...first.pieces]
  let parts = 1
  for (let { more } = first; more; parts++) {
    const part = agent.next(first.dump)
    pieces.push(...part.pieces)
    more = part.more
  }
  // Rows were asked for.
  return { pieces: pieces as ReadonlyArray<Piece>, parts }
}

/** What this process would tell of a loop, as it comes out of the socket. */
export const dumpHere = (loop: EventLoop, agent = new Agent()): Dump => dumpOfPieces(loop, piecesOf(agent).pieces)

/** The same of pieces that were read before. */
export const dumpOfPieces = (loop: EventLoop, pieces: ReadonlyArray<Piece>): Dump => {
  const loops: Array<LoopRow & { tasks: Array<TaskRow>; objects: Array<ObjectRow>; ended: Array<EndedRow> }> = []
  for (const piece of JSON.parse(JSON.stringify(pieces)) as ReadonlyArray<Piece>) {
    if ("loop" in piece) loops.push({ ...piece.loop, ended: [...piece.loop.ended], tasks: [], objects: [] })
    else if ("tasks" in piece) loops.at(-1)!.tasks.push(...piece.tasks)
    else if ("ended" in piece) loops.at(-1)!.ended.push(...piece.ended)
    else loops.at(-1)!.objects.push(...piece.objects)
  }
  const { [lowlevel.loopsUnsafe().indexOf(loop)]: here } = loops
  return { protocol: 1, process: hello, takenAt: new Date(0).toISOString(), loops: here === undefined ? [] : [here] }
}
