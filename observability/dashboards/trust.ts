import type { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import type { PanelBuilder as SeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { METRICS } from '../../shared/metrics.ts';
import type { Thresholds } from '../thresholds.ts';
import { NO_SAMPLES, type PanelIds, seriesPanel, statPanel } from './builders.ts';
import { SECONDS } from './durations.ts';
import { BY_SOURCE, now, over } from './queries.ts';

/** What the numbers above depend on: the exporter, its databases, and the age of its data. */
export function trustPanels(ids: PanelIds, thresholds: Thresholds): (StatBuilder | SeriesBuilder)[] {
  return [
    exporterUp(ids, thresholds),
    sourceReadable(ids),
    failingCollectors(ids),
    historyIndexed(ids),
    sourceLag(ids, thresholds),
    collectors(ids),
  ];
}

const exporterUp = (ids: PanelIds, { exporter_job }: Thresholds) =>
  statPanel(ids, {
    key: 'exporterUp',
    title: 'Exporter',
    description: 'Whether the exporter answered the last scrape of Prometheus.',
    nothing: 'not scraped',
    unit: 'short',
    width: 6,
    height: 4,
    targets: [now(`up{job="${exporter_job}"}`, '{{instance}}')],
    colours: [
      [null, 'red'],
      [1, 'green'],
    ],
    texts: { 0: { text: 'down', color: 'red' }, 1: { text: 'up', color: 'green' } },
  });

const sourceReadable = (ids: PanelIds) =>
  statPanel(ids, {
    key: 'sourceUp',
    title: 'Database',
    description: 'Whether the exporter could read the observed database in its last poll.',
    unit: 'short',
    width: 6,
    height: 4,
    targets: [now(`min by (source) (${METRICS.sourceUp.name}{${BY_SOURCE}})`, '{{source}}')],
    colours: [
      [null, 'red'],
      [1, 'green'],
    ],
    texts: { 0: { text: 'unreachable', color: 'red' }, 1: { text: 'readable', color: 'green' } },
  });

const failingCollectors = (ids: PanelIds) =>
  statPanel(ids, {
    title: 'Failing collectors',
    description: 'Collectors of the exporter whose last run failed. Their data is as old as their last success.',
    unit: 'short',
    width: 6,
    height: 4,
    decimals: 0,
    targets: [now(`sum by (source) (1 - ${METRICS.collectorSuccess.name}{${BY_SOURCE}})`, '{{source}}')],
    colours: [
      [null, 'green'],
      [1, 'red'],
    ],
  });

const historyIndexed = (ids: PanelIds) =>
  statPanel(ids, {
    title: 'History indexed',
    description: 'Share of past runs that the lookup can find already.',
    unit: 'percentunit',
    width: 6,
    height: 4,
    decimals: 0,
    targets: [now(`min by (source) (${METRICS.catchupProgress.name}{${BY_SOURCE}})`, '{{source}}')],
    colours: [
      [null, 'orange'],
      [1, 'green'],
    ],
  });

const sourceLag = (ids: PanelIds, { source_lag }: Thresholds) =>
  seriesPanel(ids, {
    key: 'sourceLag',
    title: 'Age of the data',
    description: 'Time since the moment up to which the exporter has read all changes.',
    nothing: NO_SAMPLES,
    unit: SECONDS,
    width: 12,
    height: 10,
    targets: [over(`max by (source) (${METRICS.sourceLag.name}{${BY_SOURCE}})`, '{{source}}')],
    line: source_lag,
    end: source_lag * 2,
    decimals: 0,
  });

const collectors = (ids: PanelIds) =>
  seriesPanel(ids, {
    title: 'Duration of each collector',
    description:
      'Duration of the last run of a collector of the exporter: the five that were slowest in the last hour.',
    nothing: NO_SAMPLES,
    unit: 's',
    width: 12,
    height: 10,
    // Chosen once, at the end of the range: the five slowest of each point in time would be eight or nine in all.
    targets: [
      over(
        // Rounded, because Grafana would write a fast one as 850 µs.
        `round(max by (collector) (${DURATIONS}), 0.001) and on (collector) topk(5, max by (collector) (max_over_time(${DURATIONS}[1h] @ end())))`,
        '{{collector}}',
      ),
    ],
  });

const DURATIONS = `${METRICS.collectorDuration.name}{${BY_SOURCE}}`;
