/**
 * A standard schema that takes every value: the SDK asks for one with each request that it does not know.
 */
export const anything = {
  "~standard": { version: 1 as const, vendor: "effect-asyncio", validate: (value: unknown) => ({ value }) }
}
