/**
 * A value that goes with the code, as in an `AsyncLocalStorage`, where the host keeps all stores in one frame.
 *
 * The host makes a new frame of every store that is set, and copies all stores into it, twice for each `run`: that costs more than all
 * else that the start of a task does. A frame of our own refers to the host's, and has one store more:
 *
 *     StoreFrame { ours: value, others ──▶ the host's frame, without ours }
 *
 * What the host asks of a frame is little, and not promised: it is tried out, and where it fails the host's storage serves.
 */
import { captureAsyncContext, type HostStorage, runInAsyncContext } from "@effect-asyncio/core/lowlevel"

/** What is used of the host's storage. The program may do more with one of its own. */
export type Storage<T> = Pick<HostStorage<T>, "getStore" | "run">

/** What the host asks of a frame; its own is a map. Storages are the keys. */
interface Frame extends Iterable<readonly [unknown, unknown]> {
  readonly size?: number
  has(storage: unknown): boolean
  get(storage: unknown): unknown
}

class StoreFrame implements Frame {
  readonly storage: unknown
  value: unknown
  // No frame of ours in it: a task that makes tasks, each of which makes the next, would otherwise keep all that came before.
  #others: Frame | undefined

  constructor(storage: unknown, value: unknown, around: Frame | undefined) {
    this.storage = storage
    this.value = value
    this.#others =
      around instanceof StoreFrame && around.storage === storage ? around.#others : without(storage, around)
  }

  has(storage: unknown): boolean {
    return storage === this.storage || this.#others?.has(storage) === true
  }

  get(storage: unknown): unknown {
    return storage === this.storage ? this.value : this.#others?.get(storage)
  }

  /** `storage.disable()`: the code of this frame has no store of it any more. Other frames share what is around. */
  disable(storage: unknown): void {
    if (storage === this.storage) this.value = undefined
    else this.#others = new Map(Array.from(this.#others ?? []).filter(([key]) => key !== storage))
  }

  /** All stores, for a frame of the host that is to have one more. */
  *[Symbol.iterator](): Generator<readonly [unknown, unknown]> {
    if (this.#others !== undefined) yield* this.#others
    yield [this.storage, this.value]
  }
}

// Many tasks are made in the same frame, so the map is kept. Entries of a frame can only become fewer, when a storage is disabled.
const stripped = new WeakMap<Frame, Map<unknown, unknown>>()

/** `frame` without the store of `storage`, which it has where the program has entered a storage of its own inside. */
const without = (storage: unknown, frame: Frame | undefined): Frame | undefined => {
  if (frame?.has(storage) !== true) return frame
  const known = stripped.get(frame)
  if (known !== undefined && known.size + 1 === frame.size) return known
  const rest = new Map(Array.from(frame).filter(([key]) => key !== storage))
  stripped.set(frame, rest)
  return rest
}

export class FrameStorage<T> implements Storage<T> {
  // The key of our store; it also finds the value in a frame of the host that was made inside.
  readonly #host: HostStorage<T>

  constructor(host: HostStorage<T>) {
    this.#host = host
  }

  getStore(): T | undefined {
    const frame = captureAsyncContext()
    const isOurs = frame instanceof StoreFrame && frame.storage === this.#host
    return isOurs ? (frame.value as T | undefined) : this.#host.getStore()
  }

  run<A, B>(store: T, f: (argument: B) => A, argument?: B): A {
    const frame = new StoreFrame(this.#host, store, captureAsyncContext() as Frame | undefined)
    return runInAsyncContext(frame, f, argument as B)
  }
}

/** Whether frames of ours do in this host what its own do. */
export const framesFit = (Host: new () => unknown): boolean => {
  try {
    // Core throws here where the host has no frames. This comes first because on such a host every promise gets dearer as soon as any
    // code uses a storage, and `tryOut` uses two.
    const own = new StoreFrame(Host, undefined, undefined)
    if (runInAsyncContext(own, captureAsyncContext, undefined) !== own) return false
    return runInAsyncContext(captureAsyncContext(), tryOut, Host as new () => HostStorage<number>)
  } catch {
    return false
  }
}

const tryOut = (Host: new () => HostStorage<number>): boolean => {
  const [key, theirs] = [new Host(), new Host()]
  const ours = new FrameStorage(key)
  const seen = () => `${ours.getStore()} ${key.getStore()} ${theirs.getStore()}`
  const inside = () => {
    const before = seen()
    theirs.enterWith(2)
    const entered = seen()
    const nested = ours.run(3, () => [seen(), theirs.run(4, seen), theirs.exit(seen), ours.run(5, seen)])
    const after = seen()
    theirs.disable?.()
    return [before, entered, ...nested, after, seen()]
  }
  const found = [...theirs.run(0, () => [...ours.run(1, inside), seen()]), seen()]
  const expectedInside = ["1 1 0", "1 1 2", "3 3 2", "3 3 4", "3 3 undefined", "5 5 2", "1 1 2", "1 1 undefined"]
  const expected = [...expectedInside, "undefined undefined 0", "undefined undefined undefined"]
  return found.join() === expected.join()
}
