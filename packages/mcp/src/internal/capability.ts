/**
 * Whether a client knows the extension.
 */
import { ProtocolError, type ProtocolServer, type RequestFacts } from "./sdk.ts"

export const EXTENSION = "io.modelcontextprotocol/tasks"

const MISSING_REQUIRED_CLIENT_CAPABILITY = -32021

/** Whether the client has declared the extension: with this request, or when the session began. */
export const declaresTasks = ({ clientCapabilities }: RequestFacts, protocol: ProtocolServer): boolean => {
  const { extensions } = (clientCapabilities ?? protocol.getClientCapabilities?.() ?? {}) as { extensions?: unknown }
  return typeof extensions === "object" && extensions !== null && Object.hasOwn(extensions, EXTENSION)
}

export const missingCapability = (what: string): ProtocolError =>
  new ProtocolError(MISSING_REQUIRED_CLIENT_CAPABILITY, `${what}: the client has to declare ${EXTENSION}`, {
    requiredCapabilities: { extensions: { [EXTENSION]: {} } }
  })
