/** What is going on, on a terminal; elsewhere nothing, because the results come one by one. */
export class Progress {
  readonly #stream = process.stderr

  say(text: string): void {
    if (this.#stream.isTTY) this.#stream.write(`\r\x1b[K${text}`)
  }

  clear(): void {
    if (this.#stream.isTTY) this.#stream.write("\r\x1b[K")
  }
}
