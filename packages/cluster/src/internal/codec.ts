/**
 * Values as JSON, by the schemas of a definition. What does not fit is told as text.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Shared } from "../Definition.ts"

interface Codec {
  readonly encode: (value: unknown) => Result.Result<Schema.Json, { readonly message: string }>
  readonly decode: (value: unknown) => Result.Result<unknown, { readonly message: string }>
}

// To derive a codec is dear, and definitions are few.
const codecs = new WeakMap<Shared<any>, Codec>()

const codecOf = (schema: Shared<any>): Codec => {
  const known = codecs.get(schema)
  if (known !== undefined) return known
  const json = Schema.toCodecJson(schema) as Schema.Codec<unknown, Schema.Json>
  const made: Codec = { encode: Schema.encodeUnknownResult(json), decode: Schema.decodeUnknownResult(json) }
  codecs.set(schema, made)
  return made
}

/** A value as JSON that is no longer than `limit` characters as text; or what is wrong with it. */
export const encode = (
  schema: Shared<any>,
  value: unknown,
  limit: number
): Result.Result<{ readonly json: Schema.Json; readonly text: string }, string> => {
  const encoded = codecOf(schema).encode(value)
  if (Result.isFailure(encoded)) return Result.fail(encoded.failure.message)
  // Nothing at all is no JSON.
  const json = encoded.success ?? null
  return Result.flatMap(textOf(json), (text) =>
    text.length > limit
      ? Result.fail(`it has ${text.length} characters as JSON, and the limit is ${limit}`)
      : Result.succeed({ json, text })
  )
}

/** A schema may let everything through, also what is no JSON: a bigint, a function, or an object that has itself in it. */
const textOf = (json: Schema.Json): Result.Result<string, string> =>
  Result.flatMap(
    Result.try({
      try: (): string | undefined => JSON.stringify(json),
      catch: (error) => `it cannot be written as JSON: ${String(error)}`
    }),
    (text) =>
      text === undefined ? Result.fail(`it cannot be written as JSON: it is a ${typeof json}`) : Result.succeed(text)
  )

export const decode = (schema: Shared<any>, json: unknown): Result.Result<unknown, string> =>
  Result.mapError(codecOf(schema).decode(json), ({ message }) => message)

/** What tells apart two workers that have different schemas for one definition: texts that differ where the schemas do. */
export const fingerprint = (schemas: ReadonlyArray<Shared<any>>): string =>
  hashed(JSON.stringify(schemas.map((schema) => documented(schema))))

const documented = (schema: Shared<any>): unknown => {
  try {
    return Schema.toJsonSchemaDocument(schema)
  } catch {
    // Not all schemas can be told as a JSON Schema: then they count as one.
    return null
  }
}

/** A text as 16 digits, by which it is known again and from which it cannot be learned. */
export const hashed = (text: string): string => {
  let h = 0xcbf29ce484222325n
  for (let i = 0; i < text.length; i++) h = BigInt.asUintN(64, (h ^ BigInt(text.charCodeAt(i))) * 0x100000001b3n)
  return h.toString(16).padStart(16, "0")
}
