import { locationService } from '@grafana/runtime';
import { useMemo, useRef } from 'react';
import { runPageUrl } from '../../../shared/grafana.ts';
import type { JourneyPage } from '../../../shared/journeys.ts';
import { keepRange } from '../../components/keepRange.ts';
import { userTimeZone } from '../../components/timeZone.ts';
import { useWidth } from '../../charts/useWidth.ts';
import { GanttChart } from '../../panels/gantt/GanttChart.tsx';
import type { GanttOptions } from '../../panels/gantt/options.ts';
import { journeyRuns } from '../../data/journeyRuns.ts';
import { journeyGantt } from '../../panels/gantt/journeyModel.ts';

const ROW_PX = 26;
const AXIS_PX = 34;
/** Height of the legend, which takes two lines on a phone. */
const LEGEND_PX = 52;
const MAX_PX = 540;
const OPTIONS: Partial<GanttOptions> = { showToolbar: false };

/** A Gantt chart of the runs and what started them, with one row per run. A click opens the run. */
export function JourneyChart({ journey }: { journey: JourneyPage }) {
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const model = useMemo(() => journeyGantt(journeyRuns(journey)), [journey]);
  return (
    <div ref={frame}>
      {width > 0 && (
        <GanttChart
          model={model}
          width={width}
          height={Math.min(MAX_PX, AXIS_PX + model.tasks.length * ROW_PX + LEGEND_PX)}
          timeZone={userTimeZone()}
          options={OPTIONS}
          onSelectTask={({ source, dagId, runId }) =>
            locationService.push(keepRange(runPageUrl({ source, dag_id: dagId, run_id: runId }, 'gantt')))
          }
        />
      )}
    </div>
  );
}
