import type { PanelKey } from '../panels.ts';

export type Severity = 'critical' | 'warning';

/** Groups of rules: liveness rules run at every scrape, rules about promises every 20 s, flow rules once a minute. */
export type RuleGroup = 'liveness' | 'promises' | 'flows';

/** Grafana's states of a rule whose query returns nothing or fails. */
export type MissingState = 'Alerting' | 'OK' | 'KeepLast';

/**
 * One alert, from which the Prometheus rule and the Grafana rule are both written.
 *
 * The query returns the number and the condition compares it, so that Grafana can draw the number and the details can
 * contain it. The texts are Go templates over `$labels` and `$value`, which the Grafana output writes in Grafana's syntax.
 */
export interface AlertDefinition {
  name: string;
  /** Watches Prometheus itself, so Prometheus can't evaluate it. */
  grafanaOnly?: true;
  group: RuleGroup;
  severity: Severity;
  query: string;
  /** Prometheus only: records the query under this name and compares the record, which other rules can use too. */
  record?: string;
  condition: { above: number } | { below: number };
  forSeconds: number;
  /** Prometheus only: keeps firing for this long after the condition ends, so that the alerts it inhibits resolve first. */
  keepFiringSeconds?: number;
  /** Labels that the query's series carry and that the texts may name. */
  labels: readonly string[];
  /** A plain sentence without templates, because rule pages show it unexpanded. */
  summary: string;
  /** The facts of this alert with its labels and numbers: a template without the final full stop. */
  detail: string;
  /** The effect on users; a template. */
  consequence: string;
  /**
   * Inhibited while RunbeatSchedulerDown fires with the same values of these labels (with any values if the list is empty):
   * one incident, one page. RunbeatSchedulerDown takes precedence because people route it to a pager, and its description
   * states the cause. Alertmanager has inhibition rules. Grafana has none, so there the query itself returns nothing.
   */
  heldBackOn?: readonly string[];
  /** The panel that shows the cause. */
  panel: PanelKey;
  /** Path, below Grafana's root, of the page that shows the cause. The `labels` that the page accepts are added to it. */
  page: string;
  /** Grafana only: Prometheus returned an empty result. */
  onNoData: MissingState;
  /**
   * Grafana only: Prometheus did not answer. A rule that fires then has the labels and texts of the last answer, so only the
   * rule about Prometheus itself may use `Alerting`.
   */
  onError: MissingState;
}

/** The PromQL expression of the alert with its condition. */
export function alertExpression({ query, record, condition }: AlertDefinition): string {
  const judged = record ?? `(${query})`;
  return 'above' in condition ? `${judged} > ${condition.above}` : `${judged} < ${condition.below}`;
}

/** The description that notifications carry. */
export function descriptionOf({ detail, consequence }: Pick<AlertDefinition, 'detail' | 'consequence'>): string {
  return `${detail}. ${consequence}`;
}
