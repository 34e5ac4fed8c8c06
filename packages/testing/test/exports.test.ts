/**
 * A test needs one import: what core and compat have for tests is here as well.
 */
import * as ofCompat from "@effect-asyncio/compat/testing"
import * as ofCore from "@effect-asyncio/core/testing"
import * as testing from "@effect-asyncio/testing"
import * as effects from "@effect-asyncio/testing/core"
import { assert, describe, it } from "vitest"

describe("what is for tests", () => {
  it("is in one package", () => {
    assert.includeMembers(Object.entries(testing).flat(), Object.entries(ofCompat).flat())
    assert.includeMembers(Object.entries(effects).flat(), Object.entries(ofCore).flat())
  })
})
