// Output of several that run at once, in the order in which they were asked for: the first that has not ended is heard while it
// runs, the others when those before them have ended.

export interface Output {
  readonly write: (text: string) => void
  readonly end: () => void
}

export const outputsInOrder = (write: (text: string) => void): { readonly next: () => Output } => {
  const kept: Array<{ text: string; ended: boolean }> = []
  const flush = (): void => {
    for (let first = kept[0]; first !== undefined; first = kept[0]) {
      if (first.text !== "") write(first.text)
      first.text = ""
      if (!first.ended) return
      kept.shift()
    }
  }
  return {
    next: () => {
      const own = { text: "", ended: false }
      kept.push(own)
      return {
        write: (text) => {
          own.text += text
          flush()
        },
        end: () => {
          own.ended = true
          flush()
        }
      }
    }
  }
}
