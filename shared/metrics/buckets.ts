/** The threshold of RunbeatTransitionLatencyHigh, in seconds. The histograms always have it as a bucket bound. */
export const TRANSITION_LINE = 3;

export const TRANSITION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60, 300] as const;

export const RUN_BUCKETS = [1, 5, 10, 30, 60, 90, 120, 150, 180, 240, 300, 600, 1800, 3600, 21600] as const;

export const TASK_BUCKETS = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 180, 600, 3600] as const;
