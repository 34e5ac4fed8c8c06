/**
 * What is decided in a run: a list of numbers, of which only those that are not 0 are kept.
 *
 * A schedule is such a list as text, `12=1,40=2`: the thirteenth decision was the second of its alternatives, and so on. The empty
 * one is the run as it is without an explorer.
 */

/** A decision that was taken. */
export interface Decision {
  /** How many alternatives there were. */
  readonly size: number
  readonly chosen: number
  /** What it was about, and what was chosen, in words. */
  readonly text: () => string
  /** The same for decisions of one kind about one thing. */
  readonly about: string
}

/** Which alternatives deviate from the first, by the number of their decision. */
export type Deviations = ReadonlyMap<number, number>

/** Chooses one of `size` alternatives for decision `index`. */
export type Chooser = (index: number, size: number, about: string) => number

export class Decisions {
  readonly taken: Array<Decision> = []
  readonly #choose: Chooser

  constructor(choose: Chooser) {
    this.#choose = choose
  }

  /** One of the alternatives, the first unless the schedule deviates. */
  decide<A>(about: string, alternatives: ReadonlyArray<A>, text: (alternative: A) => string): A {
    if (alternatives.length < 2) return alternatives[0]!
    const wanted = this.#choose(this.taken.length, alternatives.length, about)
    const chosen = wanted >= 0 && wanted < alternatives.length ? wanted : 0
    const alternative = alternatives[chosen]!
    // What it means may not be known any more later.
    const told = chosen === 0 ? undefined : text(alternative)
    this.taken.push({ size: alternatives.length, chosen, about, text: () => told ?? about })
    return alternative
  }

  get deviations(): Deviations {
    return new Map(this.taken.flatMap(({ chosen }, index) => (chosen === 0 ? [] : [[index, chosen] as const])))
  }
}

/** Nothing deviates. */
export const undecided = (): Decisions => new Decisions(() => 0)

export const following = (deviations: Deviations): Decisions => new Decisions((index) => deviations.get(index) ?? 0)

export const scheduleText = (deviations: Deviations): string =>
  Array.from(deviations, ([index, chosen]) => `${index}=${chosen}`).join(",")

export const parseSchedule = (text: string): Deviations => {
  const entries = text === "" ? [] : text.split(",").map((part) => /^(\d+)=(\d+)$/.exec(part.trim()))
  const deviations = new Map<number, number>()
  for (const entry of entries) {
    if (entry === null) throw new TypeError(`a schedule such as "3=1,12=2" was expected, not ${JSON.stringify(text)}`)
    deviations.set(Number(entry[1]), Number(entry[2]))
  }
  return deviations
}
