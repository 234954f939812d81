import { PluginPage } from '@grafana/runtime';
import { Stack, Text, TextLink } from '@grafana/ui';
import { useMemo } from 'react';
import { useSearchParams } from 'react-router-dom';
import { PAGES } from '../../../shared/grafana.ts';
import { METRICS } from '../../../shared/metrics.ts';
import { RECORDS } from '../../../shared/records.ts';
import { useApp } from '../../app/AppContext.tsx';
import { FailureNotice } from '../../components/FailureNotice.tsx';
import { keepRange } from '../../components/keepRange.ts';
import { RangeControls } from '../../components/RangeControls.tsx';
import { usePageRange } from '../../components/usePageRange.ts';
import { SeriesChart, WithPrometheus } from '../../charts/SeriesChart.tsx';
import { labelMatchers, quantiles } from '../../charts/promql.ts';
import { Components } from './Components.tsx';
import { FiringAlerts } from './FiringAlerts.tsx';
import { Outages } from './Outages.tsx';
import { Schedulers } from './Schedulers.tsx';
import { SlowTransitions } from '../../components/SlowTransitions.tsx';
import { Sources, useSources } from './Sources.tsx';

const RECORDED = { name: RECORDS.transitionBuckets, keeps: 'rate', interval: '1m' } as const;

function transitionsOf(source: string | undefined) {
  return quantiles(METRICS.taskTransition.name, RECORDED, { source });
}

function heartbeatsOf(source: string | undefined) {
  const expr = `max by (source, scheduler) (${METRICS.schedulerHeartbeatAge.name}${labelMatchers({ source })})`;
  return { targets: [{ refId: 'A', expr, legendFormat: '{{source}} {{scheduler}}' }] };
}

/** Shows whether the schedulers are alive and scheduling, and since when not. */
export function HealthPage() {
  const pageRange = usePageRange('now-6h');
  const source = useSearchParams()[0].get('source') ?? undefined;
  const transitions = useMemo(() => transitionsOf(source), [source]);
  const heartbeats = useMemo(() => heartbeatsOf(source), [source]);
  const { settings, runsUid } = useApp();
  const sources = useSources();
  // If the exporter can't be reached, show that once instead of in each part.
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
          {source && <OneSource source={source} />}
          <Schedulers source={source} />
          <Sources query={sources} source={source} />
          <Components source={source} />
          <Outages pageRange={pageRange} source={source} />
          <WithPrometheus>
            <Stack direction="column" gap={2}>
              <SeriesChart
                title="Transition from one task to the next"
                description="Time from the upstream's end to the next task's start, over all DAGs. The line is the target."
                query={transitions}
                range={pageRange.range}
                line={settings.transitionSeconds}
              />
              <SeriesChart
                title="Age of the schedulers’ heartbeats"
                description="A healthy scheduler writes one every few seconds."
                query={heartbeats}
                range={pageRange.range}
              />
            </Stack>
          </WithPrometheus>
          <SlowTransitions range={pageRange.range} source={source} />
        </Stack>
      )}
    </PluginPage>
  );
}

/** Shown if the URL selects one source, as links of alerts do. */
function OneSource({ source }: { source: string }) {
  return (
    <Text color="secondary">
      Only “{source}” is shown. <TextLink href={keepRange(PAGES.health)}>Show all sources</TextLink>
    </Text>
  );
}
