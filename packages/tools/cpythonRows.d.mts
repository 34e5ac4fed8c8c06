/** A test of CPython's suite and what became of it here. */
export interface Row {
  readonly module: string
  readonly name: string
  readonly state: "tested" | "differs" | "not applicable" | "missing"
  readonly reason: string | undefined
}

export declare const cpythonRows: () => ReadonlyArray<Row>
