/**
 * A dump as text, piece by piece: a program with a million tasks is larger than what should be kept of it.
 */
import { printableJson } from "./printable.ts"
import { type Hello, type Piece, protocolVersion } from "../protocol.ts"

export class DumpText {
  // What closes the list of tasks, and the loop, that are open.
  #loops = 0
  #tasks = 0

  /** How it begins. */
  head(process: Hello): string {
    const head = { protocol: protocolVersion, process, takenAt: new Date().toISOString() }
    return `${printableJson(head).slice(0, -1)},"loops":[`
  }

  piece(piece: Piece): string {
    if ("loop" in piece) {
      this.#tasks = 0
      return `${this.#loops++ === 0 ? "" : ","}\n${printableJson(piece.loop).slice(0, -1)},"tasks":[`
    }
    if ("objects" in piece) return `],\n"objects":${printableJson(piece.objects)}}`
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
