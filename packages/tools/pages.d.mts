/** A fence of a page. */
export interface Fence {
  /** Of its opening. */
  readonly line: number
  /** Of its closing. */
  readonly end: number
  readonly lang: string
  readonly label: string
  readonly marks: ReadonlyArray<string>
  readonly code: string
  /** The line where its code group begins, 0 when it is in none. */
  readonly group: number
}

/** A program on a page, with what the page says it prints. */
export interface Program extends Fence {
  readonly page: string
  readonly shown: Fence | undefined
}

export interface ProgramResult {
  /** What its output should show. */
  readonly text: string
  /** What is wrong with the program itself, such as an error where none was announced. */
  readonly problem?: string | undefined
}

export declare const pagePaths: () => ReadonlyArray<string>
export declare const programsOf: (page: string, markdown: string) => ReadonlyArray<Program>
/** The modules of the TypeScript programs, by path. */
export declare const programModules: () => Map<string, string>
export declare const allPrograms: () => ReadonlyArray<Program>
export declare const runPrograms: (programs: ReadonlyArray<Program>) => Promise<ReadonlyMap<Program, ProgramResult>>
