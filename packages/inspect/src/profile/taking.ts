/**
 * Takes a profile of the program's thread by V8's profiler.
 */
import type { Session } from "node:inspector/promises"
import type { CpuProfile } from "./cpuProfile.ts"

/** How far two samples are from each other, in microseconds. */
const interval = 500

/** Takes a profile through a session that is connected, until that resolves. */
export const takeProfile = async (session: Pick<Session, "post">, until: () => Promise<void>): Promise<CpuProfile> => {
  await session.post("Profiler.enable")
  try {
    await session.post("Profiler.setSamplingInterval", { interval })
    await session.post("Profiler.start")
    await until()
    const { profile } = await session.post("Profiler.stop")
    return profile
  } finally {
    await session.post("Profiler.disable")
  }
}
