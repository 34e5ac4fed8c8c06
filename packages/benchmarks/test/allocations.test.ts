import { assert, describe, it } from "vitest"
import { hotPrograms, libraries, measureAllocations } from "../src/allocations.ts"
import { readRecord } from "../src/records.ts"

const record = readRecord("allocations")
const major = (version: string) => version.split(".")[0]

// Another V8 lays out objects and compiles code in other ways, for which there is no record.
describe
  .skipIf(major(process.version) !== major(record.node))
  .concurrent("the bytes that an operation allocates", () => {
    for (const library of libraries) {
      for (const program of hotPrograms) {
        it(`${library}, ${program}: at most a tenth more than recorded`, { timeout: 120_000 }, async () => {
          const recorded = record.bytesPerOperation[library]![program]!

          const bytes = await measureAllocations(library, program)

          assert.isAtMost(
            bytes,
            recorded * 1.1,
            "if it has to be so, `npm run bench -- --allocations --save` records it anew"
          )
        })
      }
    }
  })
