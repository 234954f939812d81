import { PluginPage } from '@grafana/runtime';
import { Stack } from '@grafana/ui';
import { METRICS } from '../../../shared/metrics.ts';
import { RECORDS } from '../../../shared/records.ts';
import { useApp } from '../../app/AppContext.tsx';
import { FailureNotice } from '../../components/FailureNotice.tsx';
import { RangeControls } from '../../components/RangeControls.tsx';
import { usePageRange } from '../../components/usePageRange.ts';
import { HistoryChart, WithHistory } from '../../history/HistoryChart.tsx';
import { quantiles } from '../../history/promql.ts';
import { FiringAlerts } from './FiringAlerts.tsx';
import { Outages } from './Outages.tsx';
import { Schedulers } from './Schedulers.tsx';
import { SlowTransitions } from '../../components/SlowTransitions.tsx';
import { Sources, useSources } from './Sources.tsx';

const TRANSITIONS = quantiles(METRICS.taskTransition.name, {
  name: RECORDS.transitionBuckets,
  keeps: 'rate',
  interval: '1m',
});
const HEARTBEATS = {
  targets: [
    {
      refId: 'A',
      expr: `max by (source, scheduler) (${METRICS.schedulerHeartbeatAge.name})`,
      legendFormat: '{{source}} {{scheduler}}',
    },
  ],
};

/** Is the scheduler alive, is it scheduling, and since when not? */
export function HealthPage() {
  const pageRange = usePageRange('now-6h');
  const { settings, runsUid } = useApp();
  const sources = useSources();
  // Each part would say the same of an exporter that can't be asked: once is enough.
  const nothingToSay = sources.error && !sources.data;
  return (
    <PluginPage
      subTitle="Is the scheduler alive, and is it scheduling?"
      actions={<RangeControls pageRange={pageRange} />}
    >
      <FiringAlerts />
      {nothingToSay ? (
        <FailureNotice failure={sources.error} runsUid={runsUid} onRetry={() => void sources.refetch()} />
      ) : (
        <Stack direction="column" gap={4}>
          <Schedulers />
          <Sources query={sources} />
          <Outages pageRange={pageRange} />
          <WithHistory>
            <Stack direction="column" gap={2}>
              <HistoryChart
                title="Transition from one task to the next"
                description="Upstream's end to the next task's start, over all DAGs. The line is what is promised."
                query={TRANSITIONS}
                range={pageRange.range}
                unit="s"
                line={settings.transitionSeconds}
              />
              <HistoryChart
                title="Age of the schedulers’ heartbeats"
                description="A healthy scheduler writes one every few seconds."
                query={HEARTBEATS}
                range={pageRange.range}
                unit="s"
              />
            </Stack>
          </WithHistory>
          <SlowTransitions range={pageRange.range} />
        </Stack>
      )}
    </PluginPage>
  );
}
