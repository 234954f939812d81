import type { AnnotationEvent, DataFrame } from '@grafana/data';
import { formatSeconds } from '../data/duration.ts';
import { customOf, FRAME_KINDS } from '../data/frameFields.ts';
import { rowReader } from '../data/readFrame.ts';

/** Converts rows of an outages frame to regions on a panel. An ongoing outage extends to now. Other frames are ignored. */
export function outageEvents(frames: readonly DataFrame[]): AnnotationEvent[] {
  return frames.filter(isOutages).flatMap((frame) => {
    const row = rowReader(frame);
    return Array.from({ length: frame.length }, (_, at): AnnotationEvent => {
      const [from, to] = [row.number('time', at) ?? undefined, row.number('time_end', at)];
      const lasted = row.number('duration_seconds', at);
      const source = row.text('source', at) ?? '';
      return {
        time: from,
        timeEnd: to ?? (from === undefined ? undefined : from + 1000 * (lasted ?? 0)),
        isRegion: true,
        title: to === null ? 'No scheduler is alive' : 'No scheduler was alive',
        text: describe(lasted, row.number('delayed_runs', at), row.text('delayed_keys', at)),
        tags: ['scheduler down', source].filter(Boolean),
      };
    });
  });
}

function isOutages(frame: DataFrame): boolean {
  return customOf(frame).runbeat === FRAME_KINDS.outages || frame.fields.some((field) => field.name === 'delayed_runs');
}

function describe(duration: number | null, delayed: number | null, keys: string | null): string {
  const runs = delayed === 0 ? 'no runs delayed' : `${delayed} ${delayed === 1 ? 'run' : 'runs'} delayed`;
  return `${formatSeconds(duration)}, ${runs}${keys ? ` (${keys})` : ''}`;
}
