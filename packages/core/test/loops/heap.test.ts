import { assert, describe, it } from "@effect/vitest"
import { Heap, type HeapEntry } from "../../src/internal/data/heap.ts"

interface Timer extends HeapEntry {
  readonly name: number
  readonly when: number
}

const timer = (when: number, name = when): Timer => ({ name, when, sequence: 0, queued: false })

const makeHeap = () => new Heap<Timer>((a, b) => a.when - b.when)

const drain = (heap: Heap<Timer>): ReadonlyArray<number> => {
  const names: Array<number> = []
  for (let first = heap.peek(); first !== undefined; first = heap.peek()) {
    names.push(first.name)
    heap.remove(first)
  }
  return names
}

// Every permutation-like order below comes from a fixed generator, so that a failure can be repeated.
const scrambled = (length: number): ReadonlyArray<number> => Array.from({ length }, (_, n) => (n * 7919 + 13) % length)

describe("the heap of timers", () => {
  it("gives the earliest first, whatever the order of adding", () => {
    const heap = makeHeap()
    const times = scrambled(100)
    for (const when of times) heap.add(timer(when))

    const names = drain(heap)

    assert.deepStrictEqual(
      names,
      [...times].sort((a, b) => a - b)
    )
    assert.strictEqual(heap.size, 0)
  })

  it("keeps those with equal deadlines in the order they were made", () => {
    const heap = makeHeap()
    for (let n = 0; n < 50; n++) heap.add(timer(n % 3, n))

    const names = drain(heap)

    const expected = [0, 1, 2].flatMap((when) => Array.from({ length: 50 }, (_, n) => n).filter((n) => n % 3 === when))
    assert.deepStrictEqual(names, expected)
  })

  it("lists those that are left, when others were removed", () => {
    const heap = makeHeap()
    const timers = [1, 2, 3, 4].map((when) => timer(when))
    for (const each of timers) heap.add(each)

    heap.remove(timers[1]!)
    heap.remove(timers[3]!)

    assert.sameMembers(
      heap.toArray().map(({ name }) => name),
      [1, 3]
    )
  })

  it("stays in order when timers are removed from anywhere, once or twice", () => {
    const heap = makeHeap()
    const timers = scrambled(101).map((when) => timer(when))
    for (const each of timers) heap.add(each)
    const gone = timers.filter((_, n) => n % 2 === 0)

    for (const each of [...gone, ...gone]) heap.remove(each)

    const left = timers.filter((each) => !gone.includes(each)).map(({ name }) => name)
    assert.deepStrictEqual(
      drain(heap),
      left.sort((a, b) => a - b)
    )
  })

  it("is empty when all were removed", () => {
    const heap = makeHeap()
    const timers = scrambled(1000).map((when) => timer(when))
    for (const each of timers) heap.add(each)

    for (const each of timers.toReversed()) heap.remove(each)

    assert.deepStrictEqual([heap.size, heap.peek(), heap.toArray()], [0, undefined, []])
  })

  it("gives out what it takes once, and passes over what was removed", () => {
    const heap = makeHeap()
    const timers = scrambled(50).map((when) => timer(when))
    for (const each of timers) heap.add(each)
    for (const each of timers) if (each.when < 5 || each.when === 20) heap.remove(each)

    const taken: Array<number> = []
    for (let first = heap.take(); first !== undefined; first = heap.take()) {
      taken.push(first.name)
      heap.remove(first)
    }

    assert.deepStrictEqual(
      taken,
      Array.from({ length: 50 }, (_, when) => when).filter((when) => when >= 5 && when !== 20)
    )
    assert.deepStrictEqual([heap.size, heap.peek()], [0, undefined])
  })

  it("keeps nothing when the last one alive is removed", () => {
    const heap = makeHeap()
    const timers = [timer(1), timer(2), timer(3)]
    for (const each of timers) heap.add(each)

    for (const each of timers) heap.remove(each)
    heap.add(timer(4))

    assert.deepStrictEqual([heap.size, heap.take()?.name, heap.take()], [1, 4, undefined])
  })

  it("has the earliest that is left on top, whoever was removed before", () => {
    const heap = makeHeap()
    const timers = Array.from({ length: 40 }, (_, when) => timer(when))
    for (const each of timers) heap.add(each)

    const tops = timers.map((each) => {
      heap.remove(each)
      return heap.peek()?.name
    })

    assert.deepStrictEqual(tops, [...timers.slice(1).map(({ name }) => name), undefined])
  })
})
