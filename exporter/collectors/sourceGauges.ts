import type { SourceStatus } from '../../shared/api.ts';
import type { GaugeSample } from '../metrics/gauges.ts';
import type { Micros } from '../sources/rows.ts';
import type { SchedulerCollector } from './schedulers.ts';
import { grown } from './workload.ts';

const SECOND = 1e6;

/** One source as far as it is known at a scrape; null is what can't be read, or not yet. */
export interface SourcePicture {
  isUp: boolean;
  version: { kind: SourceStatus['kind']; text: string | null };
  nowUs: Micros;
  /** How much every age has grown since it was measured. */
  sinceSnapshotUs: Micros;
  lagSeconds: number | null;
  historyShare: number | null;
  schedulers: Pick<SchedulerCollector, 'lives' | 'skewUs' | 'outages'> | null;
  exporterSkewUs: Micros;
  readyAgeSeconds: number | null;
  workload: readonly GaugeSample[];
  seriesLimit: number;
}

export function gaugesOf(picture: SourcePicture): GaugeSample[] {
  const { isUp, version, lagSeconds, historyShare, readyAgeSeconds } = picture;
  const samples: GaugeSample[] = [{ metric: 'sourceUp', labels: {}, value: isUp ? 1 : 0 }];
  if (version.text !== null) {
    samples.push({ metric: 'sourceInfo', labels: { kind: version.kind, version: version.text }, value: 1 });
  }
  if (lagSeconds !== null) samples.push({ metric: 'sourceLag', labels: {}, value: lagSeconds });
  if (historyShare !== null) samples.push({ metric: 'catchupProgress', labels: {}, value: historyShare });
  if (picture.schedulers) samples.push(...schedulerGauges(picture, picture.schedulers));
  if (readyAgeSeconds !== null) samples.push({ metric: 'oldestReadyTaskAge', labels: {}, value: readyAgeSeconds });
  samples.push(...picture.workload.map((sample) => grown(sample, picture.sinceSnapshotUs)));
  return samples;
}

function schedulerGauges(
  { nowUs, sinceSnapshotUs, exporterSkewUs, seriesLimit }: SourcePicture,
  { lives, skewUs, outages }: NonNullable<SourcePicture['schedulers']>,
): GaugeSample[] {
  const open = outages.find((outage) => outage.to === null);
  const samples: GaugeSample[] = [
    { metric: 'schedulersAlive', labels: {}, value: lives.filter((life) => life.alive).length },
    { metric: 'outageSeconds', labels: {}, value: open ? (nowUs - open.from) / SECOND : 0 },
    { metric: 'clockSkew', labels: { clock: 'exporter' }, value: exporterSkewUs / SECOND },
    { metric: 'clockSkew', labels: { clock: 'scheduler' }, value: skewUs / SECOND },
  ];
  for (const life of lives.slice(0, seriesLimit)) {
    const labels = { scheduler: life.name };
    samples.push({ metric: 'schedulerAlive', labels, value: life.alive ? 1 : 0 });
    samples.push({
      metric: 'schedulerHeartbeatAge',
      labels,
      value: Math.max(0, life.age_us + sinceSnapshotUs) / SECOND,
    });
  }
  return samples;
}
