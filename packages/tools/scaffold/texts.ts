// What a new function begins as: something small that works, with the headings that a docstring has and a test for each kind of thing
// that has to be tested.

export const coreSource = (name: string, since: string): string => `/**
 * TODO(${name}): what it is about, in a word or two.
 *
 * @since ${since}
 */
import * as Effect from "effect/Effect"

/**
 * TODO(${name}): what it gives, in a sentence that suffices. Units of numbers, and what fails with which cause.
 *
 * **Details**
 *
 * TODO(${name}): what one has to know to use it.
 *
 * **Cancellation**
 *
 * TODO(${name}): what the caller gets, what happens to the others, whether cleanup is waited for.
 *
 * **asyncio**
 *
 * TODO(${name}): same as, or what differs. Python has [tasks](https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task).
 *
 * **Example** (TODO(${name}))
 *
 * \`\`\`ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 *
 * const main = asyncio.${name}(asyncio.sleep(1, "done"))
 *
 * await asyncio.run(main) // => "done"
 * \`\`\`
 *
 * @category waiting
 * @stability unstable
 * @since ${since}
 */
export const ${name} = <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => Effect.suspend(() => work)
`

export const compatSource = (name: string, since: string): string => `/**
 * TODO(${name}): what it is about, in a word or two.
 *
 * @since ${since}
 */

/**
 * TODO(${name}): what it gives, in a sentence that suffices. Units of numbers, and what it rejects with and why.
 *
 * **Details**
 *
 * TODO(${name}): what one has to know to use it.
 *
 * **Cancellation**
 *
 * TODO(${name}): what the caller gets, what happens to the others, whether cleanup is waited for.
 *
 * **asyncio**
 *
 * TODO(${name}): same as, or what differs. Python has [tasks](https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task).
 *
 * **Example** (TODO(${name}))
 *
 * \`\`\`ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * await asyncio.run(() => asyncio.${name}(() => asyncio.sleep(1, "done"))) // => "done"
 * \`\`\`
 *
 * @category waiting
 * @stability unstable
 * @since ${since}
 */
export const ${name} = async <A>(work: () => PromiseLike<A>): Promise<A> => await work()
`

export const coreTest = (name: string): string => `import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"

describe("${name}", () => {
  // TODO(${name}): what it does; each test was seen failing.
  it("gives what the work gives", () =>
    run(
      Effect.gen(function* () {
        const result = yield* asyncio.${name}(asyncio.sleep("1 hour", "done"))

        assert.strictEqual(result, "done")
      })
    ))

  it("ends the work when it is cancelled", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const work = Effect.ensuring(
          asyncio.sleep("1 hour"),
          Effect.sync(() => lines.push("cleaned up"))
        )
        const task = yield* asyncio.createTask(asyncio.${name}(work))
        yield* asyncio.sleep(0)

        yield* task.cancel()

        yield* Effect.exit(task)
        assert.deepStrictEqual([task.cancelled(), lines], [true, ["cleaned up"]])
      })
    ))
})
`

export const compatTest = (name: string): string => `import * as asyncio from "@effect-asyncio/compat"
import { assert, describe, it } from "vitest"
import { run } from "../support.ts"

describe("${name}", () => {
  // TODO(${name}): what it does; each test was seen failing.
  it("gives what the work gives", () =>
    run(async () => {
      const result = await asyncio.${name}(() => asyncio.sleep("1 hour", "done"))

      assert.strictEqual(result, "done")
    }))

  it("ends the work when it is cancelled", () =>
    run(async () => {
      const lines: Array<string> = []
      const work = async () => {
        try {
          await asyncio.sleep("1 hour")
        } finally {
          lines.push("cleaned up")
        }
      }
      const task = asyncio.createTask(() => asyncio.${name}(work))
      await asyncio.sleep(0)

      task.cancel()

      await asyncio.wait([task])
      assert.deepStrictEqual([task.cancelled(), lines], [true, ["cleaned up"]])
    }))
})
`

export const coreTypesTest = (name: string): string => `import { describe, expectTypeOf, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import type { Effect } from "effect"

declare const work: Effect.Effect<Date, Error, { readonly service: "needed" }>

// The declared value above does not exist: the calls are written down to be checked, and never run.
const unrun = (calls: () => unknown): void => void calls

describe("the types of ${name}", () => {
  it("are those of the work", () =>
    unrun(() => {
      expectTypeOf(asyncio.${name}(work)).toEqualTypeOf<Effect.Effect<Date, Error, { readonly service: "needed" }>>()
    }))
})
`

export const compatTypesTest = (name: string): string => `import * as asyncio from "@effect-asyncio/compat"
import { describe, expectTypeOf, it } from "vitest"

declare const work: () => Promise<Date>

// The declared value above does not exist: the calls are written down to be checked, and never run.
const unrun = (calls: () => unknown): void => void calls

describe("the types of ${name}", () => {
  it("are those of the work", () =>
    unrun(() => {
      expectTypeOf(asyncio.${name}(work)).toEqualTypeOf<Promise<Date>>()
    }))
})
`

/** Of docs/concepts/beyond-asyncio.md. */
export const section = (name: string): string => `## ${name}

TODO(${name}): what goes wrong without it, and what it does.

::: code-group

\`\`\`ts [core]
import * as asyncio from "@effect-asyncio/core"

console.log(await asyncio.run(asyncio.${name}(asyncio.sleep(1, "done"))))
\`\`\`

\`\`\`ts [compat]
import * as asyncio from "@effect-asyncio/compat"

console.log(await asyncio.run(() => asyncio.${name}(() => asyncio.sleep(1, "done"))))
\`\`\`

:::

\`\`\`txt
done
\`\`\`
`
