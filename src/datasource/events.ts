import type { AnnotationEvent, DataFrame } from '@grafana/data';
import { formatSeconds } from '../data/duration.ts';
import { FRAME_KINDS } from '../data/frameFields.ts';
import { rowReader } from '../data/readFrame.ts';

/** Rows of an outages frame as regions on a panel; one that lasts reaches up to `now`. Other frames make none. */
export function outageEvents(frames: readonly DataFrame[], now: number): AnnotationEvent[] {
  return frames.filter(isOutages).flatMap((frame) => {
    const row = rowReader(frame);
    return Array.from({ length: frame.length }, (_, at): AnnotationEvent => {
      const to = row.number('time_end', at);
      const source = row.text('source', at) ?? '';
      return {
        time: row.number('time', at) ?? undefined,
        timeEnd: to ?? now,
        isRegion: true,
        title: to === null ? 'No scheduler is alive' : 'No scheduler was alive',
        text: describe(
          row.number('duration_seconds', at),
          row.number('delayed_runs', at),
          row.text('delayed_keys', at),
        ),
        tags: ['scheduler down', source].filter(Boolean),
      };
    });
  });
}

function isOutages(frame: DataFrame): boolean {
  const kind = (frame.meta?.custom as { runbeat?: string } | undefined)?.runbeat;
  return kind === FRAME_KINDS.outages || frame.fields.some((field) => field.name === 'delayed_runs');
}

function describe(duration: number | null, delayed: number | null, keys: string | null): string {
  const runs = delayed === 0 ? 'delayed nobody' : `delayed ${delayed} ${delayed === 1 ? 'run' : 'runs'}`;
  return `${formatSeconds(duration)}, ${runs}${keys ? ` (${keys})` : ''}`;
}
