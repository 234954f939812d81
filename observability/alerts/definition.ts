import type { PanelKey } from '../panels.ts';

export type Severity = 'critical' | 'warning';

/** Liveness rules run at every scrape, flow rules once a minute. */
export type RuleGroup = 'liveness' | 'flows';

/** Grafana's words for what a rule does when its query answers nothing, or fails. */
export type MissingState = 'Alerting' | 'OK' | 'KeepLast';

/**
 * One alert, from which the Prometheus rule and the Grafana rule are both written.
 *
 * The query gives the number to judge and the condition judges it, so that Grafana can draw the number and the summary
 * can say it. Texts are Go templates over `$labels` and `$value`, which the Grafana output spells in its own way.
 */
export interface AlertDefinition {
  name: string;
  group: RuleGroup;
  severity: Severity;
  query: string;
  /** Prometheus only: records the query under this name, and judges that; others may then ask for it. */
  record?: string;
  condition: { above: number } | { below: number };
  forSeconds: number;
  /** Prometheus only: fires on for so long after its cause is gone, so that what it holds back ends first. */
  keepFiringSeconds?: number;
  /** Labels that the query's series carry and that the texts may name. */
  labels: readonly string[];
  summary: string;
  description: string;
  /**
   * Held back while RunbeatSchedulerDown fires with the same values of these labels (any values, when there are none):
   * one incident, one page. RunbeatSchedulerDown leads because it is the one that people route to a pager, and its
   * summary says which of the causes it is. Alertmanager does it by inhibition; Grafana knows none, so there the query
   * itself answers nothing for as long.
   */
  heldBackOn?: readonly string[];
  /** The panel that shows the cause. */
  panel: PanelKey;
  /** Path under Grafana's root of the page that shows the cause; a template. */
  page: string;
  /** Grafana only: Prometheus answered, with nothing. */
  onNoData: MissingState;
  /** Grafana only: Prometheus did not answer; `Alerting` after `forSeconds`, and the summary then says just that. */
  onError: MissingState;
}

/** The PromQL that holds exactly while the alert does. */
export function alertExpression({ query, record, condition }: AlertDefinition): string {
  const judged = record ?? `(${query})`;
  return 'above' in condition ? `${judged} > ${condition.above}` : `${judged} < ${condition.below}`;
}
