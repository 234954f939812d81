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

/** Says on stderr how far a benchmark is; stdout is for figures alone. */
export function tell(text: string): void {
  process.stderr.write(`# ${new Date().toISOString().slice(11, 19)} ${text}\n`);
}
