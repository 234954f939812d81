import { METRICS } from '../../../shared/metrics.ts';
import { RECORDS } from '../../../shared/records.ts';
import type { Thresholds } from '../../thresholds.ts';
import { columns, fixedWidths, type PanelIds, seriesPanel, tablePanel } from '../builders.ts';
import { SHORT } from '../durations.ts';
import { BY_DAG, exemplars, over, runs, RUNS, topFive } from '../queries.ts';

/** Where does the time go: tasks and transitions. */

export const slowestTasks = (ids: PanelIds) =>
  seriesPanel(ids, {
    title: 'Slowest tasks, hourly mean',
    description:
      'The five slowest tasks at each point in time, at most three of each DAG: time from start to end of a finished try. Click a point to open the run.',
    nothing: 'No task was recorded in this time range or in the hour before.',
    ...SHORT,
    width: 12,
    height: 11,
    targets: [
      over(topFive(`${RECORDS.slowestTasks}{${BY_DAG}}`), '{{source}} {{dag_id}} {{task_id}}'),
      exemplars(METRICS.taskDuration, BY_DAG),
    ],
  });

export const transitionsPerDag = (ids: PanelIds, { transition_p95 }: Thresholds) =>
  seriesPanel(ids, {
    title: 'Transition p95 by DAG',
    description:
      'Time that the scheduler and the workers add between tasks: the five slowest DAGs at each point in time, over 15 minutes. Estimated from the histogram.',
    nothing: 'No transition was recorded in this time range.',
    unit: 's',
    width: 12,
    height: 11,
    end: 10 * transition_p95,
    targets: [over(topFive(`${RECORDS.transitionP95}{${BY_DAG}}`), '{{source}} {{dag_id}}')],
    line: transition_p95,
  });

export const slowestTransitions = (ids: PanelIds) => {
  const panel = tablePanel(ids, {
    title: 'Slowest transitions',
    description: 'The slowest transitions in the time range, with a link to each run.',
    nothing: 'No transition was recorded in this time range.',
    unit: 's',
    width: 24,
    height: 9,
    targets: [runs({ queryType: 'transitions', dag_id: '$dag_id', limit: 20 })],
  })
    .datasource(RUNS)
    .withTransformation(
      columns(
        ['Transition', 'Run', 'From', 'To', 'DAG', 'Source', 'Time', 'Noticed after', 'Queued after', 'Started after'],
        ['Upstream ended'],
      ),
    );
  const after = 110;
  return fixedWidths(panel, {
    ...{ Transition: 90, Time: 165, 'Noticed after': after, 'Queued after': after, 'Started after': after },
  });
};
