/**
 * Random programs that mix Effect's own features with ours, and both borders, as fast-check makes and shrinks them.
 *
 * A program is plain data: a seed that fails is a text which can be read, and run again.
 */
import * as fc from "fast-check"

export type Program =
  /** Waits that are ours, Effect's, and none at all. */
  | { readonly kind: "sleep" | "effectSleep" | "promise"; readonly time: number }
  | { readonly kind: "yield" | "iteration" | "fail" | "thread" }
  /** One part inside of something. */
  | {
      readonly kind:
        | "lock"
        | "permit"
        | "bounded"
        | "resource"
        | "scope"
        | "uninterruptible"
        | "restored"
        | "shielded"
        | "task"
        | "toEffect"
        | "disposal"
        | "generator"
        | "signal"
        | "retry"
        | "repeat"
        | "pulled"
        | "item"
        | "ignore"
      readonly part: Program
    }
  | { readonly kind: "timeout" | "effectTimeout" | "moveOn"; readonly time: number; readonly part: Program }
  /** Two parts: one behind the other, or beside each other. */
  | {
      readonly kind:
        | "then"
        | "ensuring"
        | "group"
        | "gather"
        | "all"
        | "effectRace"
        | "race"
        | "anyOf"
        | "stream"
        | "fork"
        | "promises"
      readonly parts: readonly [Program, Program]
    }

export interface Chaos {
  readonly program: Program
  /** On another loop, at the same time. */
  readonly beside: Program | undefined
  /** When it is asked to cancel itself: after so many milliseconds more, and so many iterations. */
  readonly cancels: ReadonlyArray<{ readonly after: number; readonly iterations: number }>
}

const time = fc.constantFrom(0, 1, 5, 10, 10, 20)

const leaf: fc.Arbitrary<Program> = fc.oneof(
  fc.record({ kind: fc.constantFrom("sleep", "effectSleep", "promise"), time }),
  fc.record({ kind: fc.constantFrom("yield", "iteration", "fail") })
)

const syncKinds: ReadonlySet<string> = new Set(["lock", "permit", "bounded"])

/** No task waits for a lock while it has another: where that cannot be interrupted, it would be a deadlock of the program's own. */
const ordered = (program: Program, holds = false): Program => {
  if ("parts" in program) {
    return { ...program, parts: [ordered(program.parts[0], holds), ordered(program.parts[1], holds)] }
  }
  if (!("part" in program)) return program
  const isSync = syncKinds.has(program.kind)
  if (isSync && holds) return ordered(program.part, holds)
  return { ...program, part: ordered(program.part, holds || isSync) }
}

const partKinds = [
  "lock",
  "permit",
  "bounded",
  "resource",
  "scope",
  "uninterruptible",
  "restored",
  "shielded",
  "task",
  "toEffect",
  "disposal",
  "generator",
  "signal",
  "retry",
  "repeat",
  "pulled",
  "item",
  "ignore"
] as const

const pairKinds = [
  "then",
  "ensuring",
  "group",
  "gather",
  "all",
  "effectRace",
  "race",
  "anyOf",
  "stream",
  "fork",
  "promises"
] as const

const programOf = (leaf: fc.Arbitrary<Program>): fc.Arbitrary<Program> =>
  fc
    .letrec<{ program: Program }>((tie) => ({
      program: fc.oneof(
        { depthSize: "medium", maxDepth: 5, withCrossShrink: true },
        leaf,
        fc.record({ kind: fc.constantFrom(...partKinds), part: tie("program") }),
        fc.record({ kind: fc.constantFrom("timeout", "effectTimeout", "moveOn"), time, part: tie("program") }),
        fc.record({ kind: fc.constantFrom(...pairKinds), parts: fc.tuple(tie("program"), tie("program")) })
      )
    }))
    .program.map((each) => ordered(each))

const chaosOf = (program: fc.Arbitrary<Program>): fc.Arbitrary<Chaos> =>
  fc.record({
    program,
    beside: fc.option(program, { nil: undefined, freq: 4 }),
    cancels: fc.array(fc.record({ after: time, iterations: fc.nat({ max: 5 }) }), { maxLength: 3 })
  })

export const chaos = chaosOf(programOf(leaf))

/** The same with threads, of which each loop has to start its own: that takes real time. */
export const chaosWithThreads = chaosOf(
  programOf(
    fc.oneof({ arbitrary: leaf, weight: 4 }, { arbitrary: fc.constant({ kind: "thread" } as const), weight: 1 })
  )
)
