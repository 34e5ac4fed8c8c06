/**
 * The exceptions of scripts, as they travel between processes.
 */
import * as asyncio from "@effect-asyncio/core"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import { classOf, makeException } from "../../../conformance/src/interpreter/exceptions.ts"

interface Encoded {
  readonly name: string
  readonly message: string
  readonly errors: ReadonlyArray<Encoded> | null
}

const Encoded: Schema.Codec<Encoded> = Schema.Struct({
  name: Schema.String,
  message: Schema.String,
  errors: Schema.NullOr(Schema.Array(Schema.suspend((): Schema.Codec<Encoded> => Encoded)))
})

const encode = (error: Error): Encoded => ({
  name: classOf(error),
  message: error.message,
  errors: error instanceof asyncio.ExceptionGroup ? error.errors.map((each) => encode(each as Error)) : null
})

const decode = ({ errors, message, name }: Encoded): Error =>
  errors === null ? makeException(name, message) : new asyncio.ExceptionGroup(message, errors.map(decode))

export const ScriptException = Encoded.pipe(
  Schema.decodeTo(Schema.instanceOf(Error), {
    decode: SchemaGetter.transform(decode),
    encode: SchemaGetter.transform(encode)
  })
)
