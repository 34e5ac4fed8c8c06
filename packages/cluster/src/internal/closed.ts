/**
 * What is said of a cluster whose layer is closed.
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"

export const closedError = (): Error =>
  // When: a cluster is asked for something when its layer was closed, or what it was asked for is still waited for then.
  lowlevel.withHint(
    new asyncio.RuntimeError("the cluster is closed, so that nobody can be asked any more"),
    "Await what you ask for before the layer ends."
  )
