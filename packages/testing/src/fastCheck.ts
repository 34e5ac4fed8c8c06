/**
 * Schedules as arbitraries of [fast-check](https://fast-check.dev), which then chooses and shrinks them.
 *
 * @since 0.1.0
 */
import * as fc from "fast-check"

/**
 * Options of {@link schedules}.
 *
 * @category models
 * @since 0.1.0
 */
export interface SchedulesOptions {
  /** The most deviations of a schedule, 5 by default. */
  readonly deviations?: number | undefined
  /** How many decisions a run has at most, 50 by default; deviations behind the last one do nothing. */
  readonly decisions?: number | undefined
}

/**
 * Schedules for `replay`, as an arbitrary. Shrinks to fewer and earlier deviations.
 *
 * **Example** (A property over schedules and values)
 *
 * ```ts import.meta.vitest
 * import { fakeIo, replay } from "@effect-asyncio/testing"
 * import { schedules } from "@effect-asyncio/testing/fast-check"
 * import * as fc from "fast-check"
 *
 * const load = fakeIo([10, 50], (id: number) => id * 2)
 *
 * const doubles = fc.asyncProperty(schedules(), fc.integer(), (schedule, id) =>
 *   replay(async () => {
 *     if ((await load(id)) !== id * 2) throw new Error("not the double")
 *   }, schedule)
 * )
 *
 * await fc.assert(doubles, { numRuns: 20 }) // => undefined
 * ```
 *
 * @category arbitraries
 * @since 0.1.0
 */
export const schedules = ({ decisions = 50, deviations = 5 }: SchedulesOptions = {}): fc.Arbitrary<string> =>
  fc
    .uniqueArray(fc.tuple(fc.nat({ max: decisions - 1 }), fc.integer({ min: 1, max: 3 })), {
      maxLength: deviations,
      selector: ([index]) => index
    })
    .map((chosen) =>
      chosen
        .sort(([a], [b]) => a - b)
        .map(([index, alternative]) => `${index}=${alternative}`)
        .join(",")
    )
