/**
 * hostThreads.ts for browsers, whose workers take no function as text and share no module with the page.
 */
import { noThreads } from "./noThreads.ts"

export const importThreads: typeof import("./hostThreads.ts").importThreads = () => Promise.reject(noThreads())
