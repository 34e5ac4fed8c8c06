/**
 * The line to the process that is looked at: its picture, and when that was last drawn anew.
 */
import type { Source, Target } from "../src/dashboard/source.ts"
import { Picture } from "../src/live/picture.ts"
import { type Warning, warningsOf } from "../src/live/warnings.ts"
import { duration } from "../src/text/durations.ts"

/** A process that has told nothing for so long, in milliseconds, does not answer. */
const silence = 2500
/** So long, in milliseconds, after its end a line is opened again: a process that tells of a cluster may have no database for a while. */
const betweenTries = 2000
/** While the first picture comes its beginning is drawn, and no more often than this what has come. */
const betweenDrawings = 1000
/** Warnings take all tasks to find. */
const betweenWarnings = 1500

export class Line {
  readonly pid: Target
  picture = new Picture()
  warnings: ReadonlyArray<Warning> = []
  /** Tasks that nothing can wake, as far as the user has asked. */
  lost: ReadonlyArray<number> = []
  /** Why it is over; it is opened again meanwhile. */
  over: string | undefined = undefined
  isSilent = false
  readonly #redraw: () => void
  readonly #source: Source
  #close = (): void => {}
  #again: number | undefined = undefined
  readonly #timer: number
  #heard = performance.now()
  #drawn = -Infinity
  #warned = -Infinity

  constructor(pid: Target, source: Source, redraw: () => void) {
    this.pid = pid
    this.#redraw = redraw
    this.#source = source
    this.#open()
    this.#timer = window.setInterval(() => this.#look(), 500)
  }

  #open(): void {
    const redraw = this.#redraw
    this.#close = this.#source.live(this.pid, {
      piece: (piece) => {
        const now = performance.now()
        this.#heard = now
        this.isSilent = false
        this.over = undefined
        try {
          this.picture.apply(piece, now)
        } catch (error) {
          this.#close()
          this.over = error instanceof Error ? error.message : String(error)
          return redraw()
        }
        const { isComplete } = this.picture
        if (isComplete && now - this.#warned > betweenWarnings) {
          this.#warned = now
          this.warnings = warningsOf(this.picture, this.lost)
        }
        if (!isComplete && now - this.#drawn < betweenDrawings) return
        this.#drawn = now
        redraw()
      },
      over: (why) => {
        // The first reason is the one that matters: of a process that has ended the next is that there is none.
        this.over ??= why === "" ? "the line to the process, or to the dashboard, is closed" : why
        this.#again = window.setTimeout(() => this.#open(), betweenTries)
        redraw()
      }
    })
  }

  /** Has those found that nothing can wake, and says what came of it. */
  async findLost(leaks: NonNullable<Source["leaks"]>): Promise<string> {
    const { stall, tasks } = await leaks(this.pid)
    this.lost = tasks
    this.warnings = warningsOf(this.picture, this.lost)
    this.#redraw()
    const found = tasks.length === 0 ? "Each task can be waked." : `Nothing can wake ${tasks.length} of the tasks.`
    return `${found} The process stood still for ${duration(stall)}.`
  }

  #look(): void {
    const isSilent = performance.now() - this.#heard > silence
    if (isSilent === this.isSilent || this.over !== undefined) return
    this.isSilent = isSilent
    this.#redraw()
  }

  close(): void {
    window.clearInterval(this.#timer)
    window.clearTimeout(this.#again)
    this.#close()
  }
}
