import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

/** Has V8 collect what nothing leads to any more. It asks for that when it is called: a page can load the file, and call nothing of it. */
export const collectGarbage = (): void => {
  setFlagsFromString("--expose-gc")
  ;(runInNewContext("gc") as () => void)()
}
