import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { DASHBOARD_UIDS } from '../../shared/grafana.ts';
import type { Thresholds } from '../thresholds.ts';
import { PanelIds, row } from './builders.ts';
import { active, failures, outcomes, perDag, slowestDags } from './flows/dags.ts';
import { activeNow, burn, failedShare, finished, kept, left, overdue, runDuration } from './flows/promises.ts';
import { slowestTasks, slowestTransitions, transitionsPerDag } from './flows/slowest.ts';
import { dagVariable, frame, sourceVariable } from './frame.ts';

/** For the team lead: do runs end in time, which DAG is slow, and where does the time go? */
export function flowsDashboard(thresholds: Thresholds): Dashboard {
  const ids = new PanelIds();
  return frame({
    uid: DASHBOARD_UIDS.flows,
    title: 'Runbeat / Flows',
    description: 'For the team lead: are promises kept? Which DAG breaks them? Where does the time go?',
    from: 'now-6h',
    refresh: '30s',
  })
    .withVariable(sourceVariable())
    .withVariable(dagVariable())
    .withRow(row(ids, 'Are promises kept?'))
    .withPanel(kept(ids))
    .withPanel(finished(ids))
    .withPanel(failedShare(ids))
    .withPanel(activeNow(ids))
    .withPanel(runDuration(ids))
    .withPanel(burn(ids, thresholds))
    .withPanel(overdue(ids))
    .withPanel(left(ids))
    .withRow(row(ids, 'Which DAG?'))
    .withPanel(perDag(ids, thresholds))
    .withPanel(failures(ids, thresholds))
    .withPanel(slowestDags(ids))
    .withPanel(outcomes(ids, thresholds))
    .withPanel(active(ids))
    .withRow(row(ids, 'Where does the time go?'))
    .withPanel(slowestTasks(ids))
    .withPanel(transitionsPerDag(ids, thresholds))
    .withPanel(slowestTransitions(ids))
    .build();
}
