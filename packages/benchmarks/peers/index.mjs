import { compat } from "./compat.mjs"
import { core } from "./core.mjs"
import { effect } from "./effect.mjs"
import { promises } from "./promises.mjs"

export const peers = [core, compat, effect, promises]
