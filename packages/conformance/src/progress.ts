/**
 * How far a long run is, on stderr: a bar on a terminal, otherwise a line now and then.
 */

export interface Progress {
  readonly done: number
  readonly total: number
  readonly note: string
}

const barWidth = 24
const secondsBetweenLines = 15

export class ProgressBar {
  readonly #stream: NodeJS.WriteStream
  readonly #start = performance.now()
  #lastLine = performance.now()

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream
  }

  show({ done, total, note }: Progress): void {
    const seconds = (performance.now() - this.#start) / 1000
    const figures = `${done}/${total}, ${Math.round(done / seconds)} per second, ${note}`
    if (this.#stream.isTTY) {
      const filled = Math.round((barWidth * done) / Math.max(total, 1))
      this.#stream.write(`\r\x1b[K[${"#".repeat(filled)}${".".repeat(barWidth - filled)}] ${figures}`)
    } else if (performance.now() - this.#lastLine >= secondsBetweenLines * 1000) {
      this.#lastLine = performance.now()
      this.#stream.write(`${figures}\n`)
    }
  }

  /** Says what goes on when there is nothing to count. */
  say(text: string): void {
    if (this.#stream.isTTY) this.#stream.write(`\r\x1b[K${text}`)
  }

  clear(): void {
    if (this.#stream.isTTY) this.#stream.write("\r\x1b[K")
  }
}
