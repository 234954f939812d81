/** One measured figure, printed as a JSON line. */
export interface Figure {
  bench: string;
  metric: string;
  value: number;
  unit: string;
  /** The peer or limit that was measured in the same run. */
  vs?: string;
  /** value ÷ the peer's value, or the peer's ÷ ours where more is better: the docs of each bench say which. */
  ratio?: number;
}

export interface BenchOptions {
  /** Size of the data set, where the bench has one. */
  scale?: number;
  flags: ReadonlySet<string>;
}

export type Bench = (options: BenchOptions, print: (figure: Figure) => void) => Promise<void>;
