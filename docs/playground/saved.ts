/** What the reader has changed in the playground, for the next time: in this browser, and nowhere else. */
import { checked, type Shared } from "./share.ts"

const key = "effect-asyncio:playground"

/** A part of `localStorage`. */
export interface Store {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
}

const here = (): Store => (globalThis as unknown as { readonly localStorage: Store }).localStorage

export const save = (programs: Shared, store: () => Store = here): void => {
  try {
    store().setItem(key, JSON.stringify(programs))
  } catch {
    // Storage is forbidden, or full: the programs last as long as the page.
  }
}

export const readSaved = (store: () => Store = here): Shared | undefined => {
  try {
    const text = store().getItem(key)
    return text === null ? undefined : checked(JSON.parse(text))
  } catch {
    return undefined
  }
}
