import { PanelBuilder, TextBoxVariableBuilder, type Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { DASHBOARD_UIDS, GANTT_PANEL_ID, LOOKUP_PANEL_ID } from '../../shared/grafana.ts';
import { METRICS } from '../../shared/metrics.ts';
import { RECORDS } from '../../shared/records.ts';
import { columns, COUNT, fixedWidths, PanelIds, row, seriesPanel, statPanel, tablePanel } from './builders.ts';
import { RUN_STATES } from './colours.ts';
import { LONG } from './durations.ts';
import { dagVariable, frame, sourceVariable } from './frame.ts';
import { BY_DAG, BY_SOURCE, now, over, runs, RUNS, topFive } from './queries.ts';

/** For support: where is this user's run, is it stuck, and are other users affected too? */
export function lookupDashboard(): Dashboard {
  const ids = new PanelIds();
  return frame({
    uid: DASHBOARD_UIDS.lookup,
    title: 'Runbeat / Lookup',
    description: 'For support: where is a user’s run, what is it waiting for, and are other users affected too?',
    from: 'now-24h',
    refresh: '30s',
  })
    .withVariable(new TextBoxVariableBuilder('key').label('Key').defaultValue('user_id'))
    .withVariable(new TextBoxVariableBuilder('value').label('Value').defaultValue('1'))
    .withVariable(sourceVariable())
    .withVariable(dagVariable())
    .withRow(row(ids, 'Where is this user’s run?'))
    .withPanel(lookup(ids))
    .withPanel(journey(ids))
    .withRow(row(ids, 'Are other users affected?'))
    .withPanel(alive(ids))
    .withPanel(oldestRun(ids))
    .withPanel(activeRuns(ids))
    .withRow(row(ids, 'Newest runs'))
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

const journey = (ids: PanelIds): PanelBuilder =>
  new PanelBuilder()
    .type(GANTT_PANEL_ID)
    .id(ids.of())
    .title('Journey of $key $value')
    .description('All runs of the id over DAGs and sources, with the gaps between them. Click a run to open it.')
    .datasource(RUNS)
    .span(24)
    .height(8)
    .options({ showToolbar: false, showLegend: false })
    .withTarget(runs({ queryType: 'journey', key: '$key', values: '$value' }));

const alive = (ids: PanelIds) =>
  statPanel(ids, {
    title: 'Schedulers alive',
    description: 'At 0, no run progresses. See the Scheduler dashboard.',
    unit: 'short',
    width: 6,
    height: 11,
    targets: [now(`max by (source) (${METRICS.schedulersAlive.name}{${BY_SOURCE}})`, '{{source}}')],
    colours: [
      [null, 'red'],
      [1, 'green'],
    ],
  });

const oldestRun = (ids: PanelIds) =>
  seriesPanel(ids, {
    title: 'Age of the oldest active run',
    description: 'Age of the oldest active run of the five DAGs in which it is highest at each point in time.',
    ...LONG,
    nothing: 'No run was active in this time range.',
    width: 9,
    height: 11,
    targets: [over(`${topFive(`${RECORDS.oldestRunAge}{${BY_DAG}}`)} / 60`, '{{source}} {{dag_id}}')],
  });

const activeRuns = (ids: PanelIds) =>
  seriesPanel(ids, {
    title: 'Active runs by state',
    description: 'Queued and running runs of all DAGs of the source.',
    nothing: 'No run was active in this time range.',
    ...COUNT,
    width: 9,
    height: 11,
    stacked: true,
    series: RUN_STATES,
    targets: [over(`sum by (state) (${RECORDS.sourceRunsActive}{${BY_SOURCE}})`, '{{state}}')],
  });

const newest = (ids: PanelIds) => {
  const panel = tablePanel(ids, {
    title: 'Newest runs',
    description: 'The newest runs in the time range, with their business keys and links.',
    nothing: 'No run was made in this time range.',
    unit: 'short',
    width: 24,
    height: 10,
    targets: [runs({ queryType: 'runs', dag_id: '$dag_id', limit: 50 })],
  })
    .datasource(RUNS)
    .withTransformation(
      columns(
        ['Time', 'State', 'Run', 'Ids', 'DAG', 'Duration', 'Queued for', 'Source'],
        ['Logical date', 'Type', 'Started', 'Ended'],
      ),
    );
  return fixedWidths(panel, { Time: 165, State: 110, Duration: 100, 'Queued for': 110 });
};
