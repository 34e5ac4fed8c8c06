/**
 * Something that is held for a while, by a lock and its kin: Python's `async with`.
 */

import { quiet } from "./quiet.ts"

/** What can be taken and given back. */
interface Holdable {
  acquire(): Promise<true>
  release(): void
}

/**
 * Gives back at the end of the block: `using held = await lock.hold()`. Giving back twice does nothing.
 *
 * @category models
 * @since 0.1.0
 */
export interface Held extends Disposable, AsyncDisposable {}

export const hold = (holdable: Holdable): Promise<Held> => quiet(acquired(holdable))

const acquired = async (holdable: Holdable): Promise<Held> => {
  await holdable.acquire()
  let held = true
  const release = () => {
    if (!held) return
    held = false
    holdable.release()
  }
  return {
    [Symbol.dispose]: release,
    [Symbol.asyncDispose]: async () => release()
  }
}

export const use = <A>(holdable: Holdable, body: () => PromiseLike<A> | A): Promise<A> => quiet(used(holdable, body))

const used = async <A>(holdable: Holdable, body: () => PromiseLike<A> | A): Promise<A> => {
  await holdable.acquire()
  try {
    return await body()
  } finally {
    holdable.release()
  }
}
