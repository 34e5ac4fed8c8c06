import { ProgramFailure } from "@effect-asyncio/testing"

/** What a search that has to fail fails with. */
export const failureOf = async (search: Promise<unknown>): Promise<ProgramFailure> => {
  const failure: unknown = await search.then(
    () => undefined,
    (error: unknown) => error
  )
  if (failure instanceof ProgramFailure) return failure
  throw failure instanceof Error ? failure : new Error("nothing was found")
}

/** Tests of failures write no pictures. */
export const quiet = { picture: false } as const
