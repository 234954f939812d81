type MetricType = 'gauge' | 'counter' | 'histogram';

export interface MetricDefinition {
  name: string;
  type: MetricType;
  help: string;
  labels: readonly string[];
  /** Upper bounds in seconds; histograms only. */
  buckets?: readonly number[];
}
