/**
 * Lines out of what comes in pieces.
 */

export class Lines {
  readonly #longest: number
  readonly #onLine: (line: string) => void
  #begun: Array<string> = []
  #length = 0

  constructor(onLine: (line: string) => void, longest: number) {
    this.#onLine = onLine
    this.#longest = longest
  }

  /** Takes some more text. Throws where a line does not end. */
  add(text: string): void {
    let from = 0
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", from)) {
      this.#begun.push(text.slice(from, end))
      const line = this.#begun.join("")
      this.#begun = []
      this.#length = 0
      from = end + 1
      this.#onLine(line)
    }
    const rest = text.slice(from)
    this.#length += rest.length
    if (this.#length > this.#longest) throw new Error("a line has no end")
    if (rest !== "") this.#begun.push(rest)
  }
}
