/** One line of CPython's output beside the line of ours. */
export interface ComparedLine {
  readonly expected: string | undefined
  readonly printed: string | undefined
  readonly same: boolean
}

export declare const normalize: (text: string) => string
export declare const compare: (expected: string, printed: string) => ReadonlyArray<ComparedLine>
export declare const agree: (lines: ReadonlyArray<{ readonly same: boolean }>) => boolean
