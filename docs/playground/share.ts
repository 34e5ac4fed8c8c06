/**
 * A program as the fragment of an address: `#program=` and the programs as JSON, compressed, in letters that an address may have.
 * A fragment is not sent to any server.
 */
import type { Kind } from "./playable.ts"

/** What the playground shows: a program of each kind, or of one. */
export interface Shared {
  readonly core?: string | undefined
  readonly compat?: string | undefined
  /** Which of them to show first; undefined for what the reader has chosen elsewhere on the site. */
  readonly show?: Kind | undefined
}

const key = "#program="

/** Longer programs have no address: browsers and chats cut it off. */
export const longestFragment = 30_000

/** More text than this is no program that somebody has typed. */
const longestProgram = 200_000

/** The fragment of compressed {@link sharedText}. */
export const fragmentOf = (compressed: Uint8Array): string => {
  const bytes = Array.from(compressed, (byte) => String.fromCharCode(byte)).join("")
  return key + btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")
}

/** What is compressed, by `deflate-raw`. */
export const sharedText = ({ compat, core, show }: Shared): string => JSON.stringify({ core, compat, show })

const bytesOf = async (stream: ReadableStream<Uint8Array>, most: number): Promise<Uint8Array<ArrayBuffer>> => {
  const chunks: Array<Uint8Array> = []
  let length = 0
  const reader = stream.getReader()
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    chunks.push(next.value)
    length += next.value.length
    // A few letters may be compressed gigabytes.
    if (length > most) {
      await reader.cancel()
      throw new RangeError("too long")
    }
  }
  const all = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.length
  }
  return all
}

const through = (bytes: Uint8Array<ArrayBuffer>, transform: unknown): ReadableStream<Uint8Array> =>
  new Blob([bytes]).stream().pipeThrough(transform as ReadableWritablePair<Uint8Array, Uint8Array>)

export const encodeShared = async (shared: Shared): Promise<string> => {
  const bytes = new TextEncoder().encode(sharedText(shared))
  return fragmentOf(await bytesOf(through(bytes, new CompressionStream("deflate-raw")), Infinity))
}

/** What a fragment says: nothing, programs, or why it cannot be read. */
export type Decoded = { readonly shared?: Shared; readonly problem?: string }

const damaged =
  "The program in this link cannot be read: the link is not whole. Ask for it again, or begin with an example."

export const decodeShared = async (fragment: string): Promise<Decoded> => {
  if (!fragment.startsWith(key)) return {}
  try {
    const letters = fragment.slice(key.length)
    if (!/^[\w-]+$/.test(letters)) return { problem: damaged }
    const bytes = Uint8Array.from(atob(letters.replaceAll("-", "+").replaceAll("_", "/")), (letter) =>
      letter.charCodeAt(0)
    )
    const text = await bytesOf(through(bytes, new DecompressionStream("deflate-raw")), longestProgram)
    const shared = checked(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(text)))
    return shared === undefined ? { problem: damaged } : { shared }
  } catch (error) {
    if (error instanceof RangeError) return { problem: "The program in this link is too long for the playground." }
    return { problem: damaged }
  }
}

const isText = (value: unknown): value is string | undefined => value === undefined || typeof value === "string"

export const checked = (value: unknown): Shared | undefined => {
  if (typeof value !== "object" || value === null) return undefined
  const { compat, core, show } = value as Readonly<Record<string, unknown>>
  if (!isText(core) || !isText(compat) || (core ?? compat) === undefined) return undefined
  return { core, compat, show: show === "core" || show === "compat" ? show : undefined }
}
