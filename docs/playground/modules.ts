/** What a program of the playground can import: bundled, and with loops whose tasks are taken down. */
import * as compat from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import * as testing from "@effect-asyncio/core/testing"
import * as allOfEffect from "effect"
// Not all of effect/testing, which asks for modules of Node.js.
import * as TestClock from "effect/testing/TestClock"
import type { Recording } from "../../packages/testing/src/timeline/record.ts"
import { importable } from "./importable.ts"

const effect: Readonly<Record<string, object>> = allOfEffect

/** The modules for one run. */
export const modulesOf = ({ makeLoop }: Recording) => {
  // The loop is on virtual time, unless the program brings its own.
  const loopFactory = () => makeLoop()
  const modules: Readonly<Record<string, object>> = {
    effect,
    "effect/testing": { TestClock },
    "@effect-asyncio/core": {
      ...core,
      run: ((main: Parameters<typeof core.run>[0], options?: core.RunOptions) =>
        core.run(main, { loopFactory, ...options })) as typeof core.run,
      Runner: class Runner extends core.Runner {
        constructor(options?: core.RunnerOptions) {
          super({ loopFactory, ...options })
        }
      }
    },
    "@effect-asyncio/core/testing": { ...testing, makeVirtualTimeLoop: makeLoop },
    "@effect-asyncio/core/lowlevel": lowlevel,
    "@effect-asyncio/compat": {
      ...compat,
      run: ((main, options) => compat.run(main, { loopFactory, ...options })) as typeof compat.run,
      Runner: class Runner extends compat.Runner {
        constructor(options?: compat.RunnerOptions) {
          super({ loopFactory, ...options })
        }
      }
    },
    "@effect-asyncio/compat/testing": { ...testing, makeVirtualTimeLoop: makeLoop }
  }

  /** `import`: a program may name any module of Effect, as in `effect/Effect`. */
  const importModule = (name: string, names: ReadonlyArray<string> = []): object => {
    const ofEffect = /^effect\/([A-Z]\w*)$/.exec(name)?.[1]
    const module: object | undefined = ofEffect === undefined ? modules[name] : effect[ofEffect]
    if (module === undefined) {
      throw new Error(
        `"${name}" cannot be imported in the playground. It has ${importable.join(", ")}, and nothing from npm or of Node.js.`
      )
    }
    const missing = names.find((each) => !(each in module))
    if (missing !== undefined) throw new SyntaxError(`"${name}" has no export named ${missing}`)
    return module
  }
  return importModule
}
