/** What a program of the playground can import. */
export const importable: ReadonlyArray<string> = [
  "effect",
  "@effect-asyncio/core",
  "@effect-asyncio/core/testing",
  "@effect-asyncio/core/lowlevel",
  "@effect-asyncio/compat",
  "@effect-asyncio/compat/testing"
]
