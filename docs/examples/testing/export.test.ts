import { assert, it } from "@effect-asyncio/testing/vitest"
import { Disk } from "./export.ts"
import { main } from "./exportRight.ts"

it.sweep.core("an export leaves no temporary file", main, {
  setup: () => new Disk(),
  check: (disk) => assert.isFalse(disk.files.has("rows.tmp")),
  pairs: true
})
