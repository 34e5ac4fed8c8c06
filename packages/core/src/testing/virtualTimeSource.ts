/**
 * Time that stands still while anything can run, and then jumps.
 *
 *     alarm set ───▶ patience ──────────────────────────────▶ the clock jumps, the loop wakes
 *        idle ─────▶ patience ──────────────────────────────▶ a deadlock
 *                       │ a promise is under way: for a while ▲
 *                       └─ a thread is under way: until it ends, or until a real clock would have come so far
 *
 * Whatever happens to the loop begins this anew.
 */
import { HostTime, nextMacrotask, now, type TimeSource } from "../internal/host/host.ts"

// A promise that has settled, or a plain fiber on another scheduler, may still bring something: it has this many macrotasks
// for that before the clock jumps. A program that sleeps often pays them each time.
const jumpPatience = 8
// And so many before a deadlock is suspected,
const deadlockPatience = 50
// and so many where a task is in a foreign effect: a chain of promises goes on without the loop hearing of it.
const foreignPatience = 5000
// How long a promise is waited for that is known to be under way, in real milliseconds. One that never comes is what the test
// of a timeout is made of: it must not take long.
const promisePatience = 50
// And in macrotasks at least: of a host that is busy, real time says nothing.
const promiseMacrotasks = 500

interface Wait {
  readonly act: () => void
  /** When the alarm rings; infinite for a suspicion. */
  readonly until: number
  left: number
  extendable: boolean
}

/** Time that stands still while anything can run, and then jumps to the next alarm. @internal */
export class VirtualTime implements TimeSource {
  #now = 0
  /** Whether all that is outside is made by the test as well: then nothing real is waited for. */
  simulated = false
  #wait: Wait | undefined = undefined
  // Counts what happened to the loop, so that an outdated look at it knows that it is.
  #life = 0
  #threads = 0
  #promises = 0
  // How long promises are still waited for. Each that begins has the whole time.
  #promiseLeft = 0
  #promiseMacrotasksLeft = 0
  // Measures how long a thread has been waited for.
  readonly #real = new HostTime()
  /** What to do when nothing will ever happen any more. */
  onDeadlock: () => void = () => {}
  /** What to do when everything waits, before the clock jumps. */
  onRest: () => void = () => {}
  /** How much too late the alarm rings. */
  lateness: (due: number) => number = () => 0
  /** Whether a task is in a foreign effect. */
  inForeignEffect: () => boolean = () => false

  now(): number {
    return this.#now
  }

  advance(millis: number): void {
    this.#now += millis
  }

  setAlarm(when: number, wake: () => void): void {
    const act = () => {
      this.#now = Math.max(this.#now, when + this.lateness(when))
      wake()
    }
    this.#begin({ act, until: when, left: jumpPatience, extendable: false })
  }

  clearAlarm(): void {
    this.#real.clearAlarm()
    this.#wait = undefined
  }

  idle(): void {
    this.#begin({ act: () => this.onDeadlock(), until: Infinity, left: deadlockPatience, extendable: true })
  }

  signOfLife(): void {
    this.#life++
  }

  /** Something is under way outside of the loop until the function is called that this gives. */
  noteOutside(kind: "promise" | "thread"): () => void {
    if (kind === "thread") this.#threads++
    else this.#promises++
    this.#promiseLeft = this.simulated ? 0 : promisePatience
    this.#promiseMacrotasksLeft = this.simulated ? 0 : promiseMacrotasks
    let under = true
    return () => {
      if (!under) return
      under = false
      if (kind === "promise") this.#promises--
      // The thread may have brought nothing: the wait that it has held up goes on.
      else if (--this.#threads === 0 && this.#wait !== undefined) this.#begin(this.#wait)
    }
  }

  #begin(wait: Wait): void {
    this.clearAlarm()
    this.onRest()
    this.#wait = wait
    this.#look(wait, this.#life, now())
  }

  #look(wait: Wait, life: number, since: number): void {
    nextMacrotask(() => {
      if (wait !== this.#wait) return
      // Something has become ready in the meantime: the clock stands still for it. A suspicion is over.
      if (life !== this.#life) return wait.until === Infinity ? this.clearAlarm() : this.#again(wait)
      const time = now()
      if (--wait.left >= 0) return this.#look(wait, life, time)
      if (this.#threads > 0) return this.#waitForThreads(wait)
      if (this.#promises > 0 && (this.#promiseLeft > 0 || this.#promiseMacrotasksLeft > 0)) {
        this.#promiseLeft -= time - since
        this.#promiseMacrotasksLeft--
        return this.#look(wait, life, time)
      }
      if (wait.extendable && this.inForeignEffect()) {
        wait.left = this.simulated ? deadlockPatience : foreignPatience
        wait.extendable = false
        return this.#look(wait, life, time)
      }
      this.onRest()
      // The listener may have put something on the loop.
      if (life !== this.#life) return this.#look(wait, life, time)
      this.#wait = undefined
      wait.act()
    })
  }

  #again(wait: Wait): void {
    this.#begin({ ...wait, left: jumpPatience })
  }

  /** A timer comes no sooner than on a real clock. */
  #waitForThreads(wait: Wait): void {
    if (wait.until === Infinity) return
    this.#real.setAlarm(this.#real.now() + wait.until - this.#now, () => {
      this.#wait = undefined
      wait.act()
    })
  }
}
