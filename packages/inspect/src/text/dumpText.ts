/**
 * A dump as text, piece by piece: a program with a million tasks is larger than what should be kept of it.
 */
import { printableJson } from "./printable.ts"
import { type EndedRow, type Hello, type Piece, protocolVersion } from "../protocol.ts"

export class DumpText {
  // What closes the list of tasks, and the loop, that are open.
  #loops = 0
  #tasks = 0
  // Of the loop that is open, the tasks that have ended: more of them may come behind its tasks.
  #ended: ReadonlyArray<EndedRow> = []

  /** How it begins. */
  head(process: Hello): string {
    const head = { protocol: protocolVersion, process, takenAt: new Date().toISOString() }
    return `${printableJson(head).slice(0, -1)},"loops":[`
  }

  piece(piece: Piece): string {
    if ("loop" in piece) {
      const { ended, ...loop } = piece.loop
      this.#tasks = 0
      this.#ended = ended
      return `${this.#loops++ === 0 ? "" : ","}\n${printableJson(loop).slice(0, -1)},"tasks":[`
    }
    if ("ended" in piece) {
      this.#ended = [...this.#ended, ...piece.ended]
      return ""
    }
    if ("objects" in piece) {
      return `],\n"ended":${printableJson(this.#ended)},\n"objects":${printableJson(piece.objects)}}`
    }
    return piece.tasks.map((task) => `${this.#tasks++ === 0 ? "" : ","}\n${printableJson(task)}`).join("")
  }

  /** How it ends, with more facts. */
  end(facts: object = {}): string {
    const more = Object.entries(facts).flatMap(([name, fact]) =>
      fact === undefined ? [] : [`,\n${printableJson(name)}:${printableJson(fact)}`]
    )
    return `]${more.join("")}}\n`
  }
}
