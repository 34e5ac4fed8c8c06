import { GetObjectCommand, ListBucketsCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3"
import { SilentServer } from "./support/servers.ts"
import { bodyWays, requestWays, silent } from "./support/clients.ts"

const library = "@aws-sdk/client-s3"

const clientAt = (endpoint: string) =>
  new S3Client({
    endpoint,
    region: "eu-central-1",
    forcePathStyle: true,
    credentials: { accessKeyId: "none", secretAccessKey: "none" }
  })

const object = { Bucket: "bucket", Key: "key" }

const beginningObject = () =>
  new SilentServer((_, response) => {
    response.writeHead(200, { "content-type": "application/octet-stream", "content-length": "1000" })
    response.write("the beginning")
  })

requestWays({ library, operation: "send(ListBuckets, { abortSignal })" }, silent(), (url, abortSignal) =>
  clientAt(url).send(new ListBucketsCommand(), { abortSignal })
)

requestWays({ library, operation: "send(PutObject, { abortSignal })" }, silent(), (url, abortSignal) =>
  clientAt(url).send(new PutObjectCommand({ ...object, Body: "a body" }), { abortSignal })
)

bodyWays(
  { library, operation: "Body.transformToString()" },
  async (url, abortSignal, reading) => {
    const { Body } = await clientAt(url).send(new GetObjectCommand(object), { abortSignal })
    reading()
    return Body?.transformToString()
  },
  beginningObject()
)
