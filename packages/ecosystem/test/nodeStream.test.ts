import { addAbortSignal, PassThrough, Readable, Writable } from "node:stream"
import { finished, pipeline } from "node:stream/promises"
import { localWays, progressWays } from "./support/clients.ts"

const library = "node:stream"

const sink = () => new Writable({ write: (_chunk, _encoding, done) => done() })

/** A stream with something in it that does not end. */
const open = () => {
  const stream = new PassThrough()
  stream.write("something")
  return stream
}

progressWays({ library, operation: "pipeline(…, { signal })" }, (signal, { begun, stopped }) => {
  const source = open()
  const target = sink()
  source.on("close", stopped)
  setTimeout(begun, 1)
  return pipeline(source, new PassThrough(), target, { signal })
})

progressWays({ library, operation: "pipeline(source, async function*, …)" }, (signal, { begun, stopped }) => {
  const source = open()
  source.on("close", stopped)
  const upper = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      setTimeout(begun, 1)
      yield chunk.toString().toUpperCase()
    }
  }
  return pipeline(source, upper, sink(), { signal })
})

localWays({ library, operation: "finished(stream, { signal })" }, (signal) => finished(open(), { signal }))

localWays({ library, operation: "for await, addAbortSignal(signal, stream)" }, async (signal) => {
  for await (const _ of addAbortSignal(signal, open())) continue
})

localWays({ library, operation: "for await, new Readable({ signal })" }, async (signal) => {
  for await (const _ of new Readable({ read: () => {}, signal })) continue
})

localWays(
  {
    library,
    operation: "readable.map(f).toArray()",
    recipe: "Its own `signal` is looked at between two chunks only: `addAbortSignal(signal, readable)`."
  },
  (signal) =>
    addAbortSignal(signal, open())
      .map((chunk) => String(chunk))
      .toArray()
)
