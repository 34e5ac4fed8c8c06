/**
 * What Go's programs are made of, in asyncio's words: a channel is a queue, a `WaitGroup` and what a closed channel tells are events, an
 * `RWMutex` is a condition, and a `select` waits for tasks.
 */
import * as asyncio from "@effect-asyncio/compat"

/** Begins a task of a program. */
export type Go = (name: string, body: () => Promise<unknown>) => asyncio.Task<unknown>

/** One of the programs. Each is written anew from what its original does wrong, and no line is taken over. */
export interface Program {
  /** What the original is called. */
  readonly name: string
  /** What is wrong with it. */
  readonly bug: string
  /** The tasks that nothing can wake in the end. */
  readonly lost: ReadonlyArray<string>
  readonly begin: (go: Go) => void
}

/** So many iterations of the loop go by: here stands what Go's programs leave to chance. */
export const iterations = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await asyncio.sleep(0)
}

interface Sent<A> {
  readonly item: A
  readonly taken: asyncio.Future<void> | undefined
}

/** A channel. Without a size whoever sends waits until somebody has received it. */
export class Channel<A = void> {
  readonly #sent: asyncio.Queue<Sent<A>>
  readonly #size: number

  constructor(size = 0) {
    this.#sent = new asyncio.Queue({ maxsize: size })
    this.#size = size
  }

  async send(item: A): Promise<void> {
    const taken = this.#size === 0 ? asyncio.getRunningLoop().createFuture<void>() : undefined
    await this.#sent.put({ item, taken })
    await taken
  }

  /** Undefined when the channel is closed. */
  async receive(): Promise<A | undefined> {
    for await (const { item, taken } of this.#sent) {
      // Who sent it may have gone away.
      if (taken?.done() === true) continue
      taken?.setResult()
      return item
    }
    return undefined
  }

  close(): void {
    this.#sent.shutdown()
  }
}

/** Waits for the first of several cases that can go on, and tells which; the others are taken back. */
export const select = async (...cases: ReadonlyArray<() => Promise<unknown>>): Promise<number> => {
  const name = asyncio.currentTask()?.getName()
  const tasks = cases.map((body, i) => asyncio.createTask(body, { name: `${name}, case ${i + 1}` }))
  try {
    const { done } = await asyncio.wait(tasks, { returnWhen: asyncio.FIRST_COMPLETED })
    return tasks.findIndex((task) => done.has(task))
  } finally {
    for (const task of tasks) task.cancel()
  }
}

export class WaitGroup {
  #count = 0
  readonly #zero = new asyncio.Event()

  add(count = 1): void {
    this.#count += count
    if (this.#count > 0) this.#zero.clear()
    else this.#zero.set()
  }

  done(): void {
    this.add(-1)
  }

  async wait(): Promise<void> {
    if (this.#count > 0) await this.#zero.wait()
  }
}

/** A lock that several may read under, or one write. As Go's, it lets nobody in to read any more when somebody waits to write. */
export class ReadWriteLock {
  #reading = 0
  #isWriting = false
  #wantToWrite = 0
  readonly #changed = new asyncio.Condition()

  async read(): Promise<void> {
    await this.#changed.use(async () => {
      await this.#changed.waitFor(() => !this.#isWriting && this.#wantToWrite === 0)
      this.#reading++
    })
  }

  async endRead(): Promise<void> {
    await this.#changed.use(() => {
      this.#reading--
      this.#changed.notifyAll()
    })
  }

  async write(): Promise<void> {
    await this.#changed.use(async () => {
      this.#wantToWrite++
      await this.#changed.waitFor(() => !this.#isWriting && this.#reading === 0)
      this.#wantToWrite--
      this.#isWriting = true
    })
  }

  async endWrite(): Promise<void> {
    await this.#changed.use(() => {
      this.#isWriting = false
      this.#changed.notifyAll()
    })
  }
}

/** Does something the first time; who comes meanwhile waits until it is done. */
export class Once {
  #isDone = false
  readonly #lock = new asyncio.Lock()

  async do(body: () => Promise<unknown>): Promise<void> {
    await this.#lock.use(async () => {
      if (this.#isDone) return
      await body()
      this.#isDone = true
    })
  }
}
