import { METRICS, type MetricKey } from '../../shared/metrics.ts';
import type { DagState } from '../index/promiseRows.ts';
import { headOf, labelText } from '../metrics/lines.ts';
import type { Micros } from '../sources/rows.ts';
import { usualOf, type Ring } from '../usual/rings.ts';
import { periodOf } from './dagBook.ts';
import type { SourcePromises } from './sourcePromises.ts';
import { hasShare, standingOf, type Target } from './targets.ts';

const SECOND = 1e6;

/** Metrics that are rendered as lines instead of gauge samples, because there may be thousands of them. */
export const LINE_METRICS = [
  'promiseLimit',
  'promiseShare',
  'promiseOverdue',
  'promiseRemaining',
  'promisePeriod',
  'dagInfo',
  'dagLastRun',
  'dagLastSuccess',
  'dagUsual',
] as const satisfies MetricKey[];

export type LineMetric = (typeof LINE_METRICS)[number];
export type Lines = Record<LineMetric, string>;

interface TargetText {
  limit: string;
  share: string;
  overdue: string;
  remaining: string;
  period: string;
}

interface DagText {
  info: string;
  lastRun: string;
  lastSuccess: string;
  period: Micros | null;
}

/**
 * Renders the gauges of a source's promises and DAGs. The text is cached until a poll changes its values. A scrape only renders
 * numbers that change with time.
 */
export class PromiseLines {
  private readonly ofTarget = new WeakMap<Target, TargetText>();
  private readonly ofDag = new WeakMap<DagState, DagText>();

  private readonly ofRing = new WeakMap<Ring, string>();

  constructor(
    private readonly promises: SourcePromises,
    private readonly ringOf: (dagId: string) => Ring | undefined,
  ) {}

  /** `stampedUs`: the earliest timestamp that a run that ends now may get. */
  at(nowUs: Micros, stampedUs: Micros = nowUs): Lines {
    const lines = Object.fromEntries(LINE_METRICS.map((metric) => [metric, ''])) as Lines;
    const { dags, targets } = this.promises;
    for (const dag of dags.values()) {
      const text = this.dagText(dag);
      lines.dagInfo += text.info;
      lines.dagLastRun += text.lastRun;
      lines.dagLastSuccess += text.lastSuccess;
      lines.dagUsual += this.usualText(dag.dag_id);
    }
    for (const target of targets) {
      const dag = dags.get(target.dag_id);
      if (dag) this.addTarget(lines, target, dag, nowUs, stampedUs);
    }
    return lines;
  }

  private addTarget(lines: Lines, target: Target, dag: DagState, nowUs: Micros, stampedUs: Micros): void {
    const text = this.targetText(target);
    lines.promiseLimit += text.limit;
    lines.promiseShare += text.share;
    if (hasShare(target)) {
      const { period } = this.dagText(dag);
      if (period !== null) lines.promisePeriod += `${text.period}${period / SECOND}\n`;
      return;
    }
    const { overdueSinceUs, dueUs } = standingOf(target, dag, stampedUs);
    // Omit promises about which nothing is known yet, which does not mean that they are kept.
    if (dueUs === null && overdueSinceUs === null && !dag.is_paused) return;
    lines.promiseOverdue += `${text.overdue}${overdueSinceUs === null ? 0 : (nowUs - overdueSinceUs) / SECOND}\n`;
    if (dueUs === null && overdueSinceUs === null) return;
    const left = overdueSinceUs === null ? Math.max(0, dueUs! - nowUs) : 0;
    lines.promiseRemaining += `${text.remaining}${left / SECOND}\n`;
  }

  private usualText(dag_id: string): string {
    const ring = this.ringOf(dag_id);
    if (!ring) return '';
    let text = this.ofRing.get(ring);
    if (text === undefined) {
      const labels = labelText({ source: this.promises.source, dag_id });
      text = `${METRICS.dagUsual.name}{${labels}} ${usualOf(ring)?.p95_seconds ?? 0}\n`;
      this.ofRing.set(ring, text);
    }
    return text;
  }

  private targetText(target: Target): TargetText {
    let text = this.ofTarget.get(target);
    if (!text) this.ofTarget.set(target, (text = textOf(this.promises.source, target)));
    return text;
  }

  private dagText(dag: DagState): DagText {
    let text = this.ofDag.get(dag);
    if (!text) this.ofDag.set(dag, (text = dagTextOf(this.promises.source, dag)));
    return text;
  }
}

function textOf(source: string, { rule, dag_id }: Target): TargetText {
  const labels = labelText({ source, dag_id, promise: rule.name });
  const limit = rule.kind === 'done_by' ? null : rule.limitUs / SECOND;
  return {
    limit: limit === null ? '' : `${METRICS.promiseLimit.name}{${labels}} ${limit}\n`,
    share: `${METRICS.promiseShare.name}{${labels}} ${'share' in rule ? rule.share : 1}\n`,
    overdue: `${METRICS.promiseOverdue.name}{${labels}} `,
    remaining: `${METRICS.promiseRemaining.name}{${labels}} `,
    period: `${METRICS.promisePeriod.name}{${labels}} `,
  };
}

function dagTextOf(source: string, dag: DagState): DagText {
  const { dag_id, owner, tags, last_run_us: run, last_success_us: success } = dag;
  const labels = labelText({ source, dag_id });
  const info = labelText({ source, dag_id, owner: owner ?? '', tags: tags.join(',') });
  return {
    info: `${METRICS.dagInfo.name}{${info}} 1\n`,
    lastRun: run === null ? '' : `${METRICS.dagLastRun.name}{${labels}} ${run / SECOND}\n`,
    lastSuccess: success === null ? '' : `${METRICS.dagLastSuccess.name}{${labels}} ${success / SECOND}\n`,
    period: periodOf(dag),
  };
}

/** The bytes of a scrape, metric by metric, over all sources. */
export function promisePieces(all: readonly Lines[]): Buffer[] {
  return LINE_METRICS.map((metric) => {
    const text = all.map((lines) => lines[metric]).join('');
    // Gauges are the same in all formats.
    return Buffer.from(`${headOf(METRICS[metric], 'text')}${text}`);
  });
}
