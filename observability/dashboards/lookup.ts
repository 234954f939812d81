import { PanelBuilder, TextBoxVariableBuilder, type Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { DASHBOARD_UIDS, LOOKUP_PANEL_ID } from '../../shared/grafana.ts';
import { METRICS } from '../../shared/metrics.ts';
import { RECORDS } from '../../shared/records.ts';
import type { Thresholds } from '../thresholds.ts';
import { PanelIds, row, seriesPanel, statPanel, tablePanel } from './builders.ts';
import { dagVariable, frame, sourceVariable } from './frame.ts';
import { BY_DAG, BY_SOURCE, over, runs, RUNS } from './queries.ts';

/** Support: where is this user's run, is something stuck, and is it them or everybody? */
export function lookupDashboard(thresholds: Thresholds): Dashboard {
  const ids = new PanelIds();
  return frame({
    uid: DASHBOARD_UIDS.lookup,
    title: 'Runbeat / Lookup',
    description: "Support: which run is this user's, where does it stand, and is it only theirs or everybody's?",
    from: 'now-24h',
    refresh: '30s',
  })
    .withVariable(new TextBoxVariableBuilder('key').label('Key').defaultValue('user_id'))
    .withVariable(new TextBoxVariableBuilder('value').label('Value').defaultValue('1'))
    .withVariable(sourceVariable())
    .withVariable(dagVariable())
    .withRow(row(ids, 'Where is this user?'))
    .withPanel(lookup(ids))
    .withRow(row(ids, 'Is it everybody?'))
    .withPanel(alive(ids))
    .withPanel(oldestRun(ids, thresholds))
    .withPanel(activeRuns(ids))
    .withRow(row(ids, 'The newest runs'))
    .withPanel(newest(ids))
    .build();
}

const lookup = (ids: PanelIds): PanelBuilder =>
  new PanelBuilder()
    .type(LOOKUP_PANEL_ID)
    .id(ids.of())
    .title('Runs of $key $value')
    .description('Type one value or paste a column of them. Graph and Gantt links open the run.')
    .datasource(RUNS)
    .span(24)
    .height(10)
    .withTarget(runs({ queryType: 'lookup', key: '$key', values: '$value' }));

const alive = (ids: PanelIds) =>
  statPanel(ids, {
    title: 'Schedulers alive',
    description: "At 0 nobody's run moves: see the Scheduler dashboard.",
    unit: 'short',
    width: 4,
    targets: [over(`max by (source) (${METRICS.schedulersAlive.name}{${BY_SOURCE}})`, '{{source}}')],
    colours: [
      [null, 'red'],
      [1, 'green'],
    ],
  });

const oldestRun = (ids: PanelIds, { flow_duration }: Thresholds) =>
  seriesPanel(ids, {
    title: 'Age of the oldest active run',
    description:
      'Of the ten DAGs that make somebody wait longest. Above the line somebody has been waiting for longer than promised.',
    unit: 's',
    width: 10,
    targets: [over(`topk(10, ${RECORDS.oldestRunAge}{${BY_DAG}})`, '{{source}} {{dag_id}}')],
    line: flow_duration,
  });

const activeRuns = (ids: PanelIds) =>
  seriesPanel(ids, {
    title: 'Active runs by state',
    description: 'Queued and running, of all DAGs of the source.',
    unit: 'short',
    width: 10,
    stacked: true,
    targets: [over(`sum by (state) (${RECORDS.sourceRunsActive}{${BY_SOURCE}})`, '{{state}}')],
  });

const newest = (ids: PanelIds) =>
  tablePanel(ids, {
    title: 'Newest runs',
    description: 'From the exporter, with their keys and links.',
    unit: 'short',
    width: 24,
    height: 10,
    targets: [runs({ queryType: 'runs', dag_id: '$dag_id', limit: 50 })],
  }).datasource(RUNS);
