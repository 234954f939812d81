import type { RunDetail } from '../../../shared/api.ts';
import { random, runOf, type TaskPlan } from './plannedRun.ts';

/** About forty tasks in branches that join, like the demo's onboarding. */
export const ONBOARDING: readonly TaskPlan[] = [
  { id: 'receive_application', seconds: 0.8, operator: 'TriggerSensor' },
  { id: 'validate_payload', upstreams: ['receive_application'], seconds: 0.5 },
  { id: 'identity.fetch_documents', upstreams: ['validate_payload'], group: 'identity', seconds: 2.4 },
  { id: 'identity.classify_documents', upstreams: ['identity.fetch_documents'], group: 'identity', seconds: 1.9 },
  { id: 'identity.read_passport', upstreams: ['identity.classify_documents'], group: 'identity', seconds: 3.6 },
  { id: 'identity.read_proof_of_address', upstreams: ['identity.classify_documents'], group: 'identity', seconds: 2.9 },
  {
    id: 'identity.match_face',
    upstreams: ['identity.read_passport'],
    group: 'identity',
    seconds: 5.2,
    failedAttempts: [1.4, 1.1],
  },
  { id: 'identity.check_liveness', upstreams: ['identity.fetch_documents'], group: 'identity', seconds: 4.4 },
  {
    id: 'identity.decide',
    upstreams: ['identity.match_face', 'identity.check_liveness', 'identity.read_proof_of_address'],
    group: 'identity',
    seconds: 0.4,
  },
  { id: 'screening.normalise_names', upstreams: ['validate_payload'], group: 'screening', seconds: 0.7 },
  {
    id: 'screening.sanctions_list',
    upstreams: ['screening.normalise_names'],
    group: 'screening',
    mapped: 12,
    seconds: 2.2,
  },
  { id: 'screening.politically_exposed', upstreams: ['screening.normalise_names'], group: 'screening', seconds: 3.1 },
  { id: 'screening.adverse_media', upstreams: ['screening.normalise_names'], group: 'screening', seconds: 6.3 },
  {
    id: 'screening.score',
    upstreams: ['screening.sanctions_list', 'screening.politically_exposed', 'screening.adverse_media'],
    group: 'screening',
    seconds: 0.5,
  },
  { id: 'credit.request_bureau_a', upstreams: ['validate_payload'], group: 'credit', seconds: 4.8, waits: [0.02, 2.6] },
  { id: 'credit.request_bureau_b', upstreams: ['validate_payload'], group: 'credit', seconds: 5.6 },
  { id: 'credit.request_open_banking', upstreams: ['validate_payload'], group: 'credit', seconds: 7.4 },
  {
    id: 'credit.merge_reports',
    upstreams: ['credit.request_bureau_a', 'credit.request_bureau_b'],
    group: 'credit',
    seconds: 1.1,
  },
  { id: 'credit.categorise_transactions', upstreams: ['credit.request_open_banking'], group: 'credit', seconds: 3.2 },
  {
    id: 'credit.affordability',
    upstreams: ['credit.merge_reports', 'credit.categorise_transactions'],
    group: 'credit',
    seconds: 1.6,
  },
  { id: 'credit.limit', upstreams: ['credit.affordability'], group: 'credit', seconds: 0.6 },
  { id: 'risk.device_fingerprint', upstreams: ['receive_application'], group: 'risk', seconds: 1.3 },
  { id: 'risk.velocity_rules', upstreams: ['risk.device_fingerprint'], group: 'risk', seconds: 1.0 },
  { id: 'risk.graph_features', upstreams: ['risk.device_fingerprint'], group: 'risk', seconds: 4.1 },
  { id: 'risk.model_score', upstreams: ['risk.velocity_rules', 'risk.graph_features'], group: 'risk', seconds: 1.8 },
  {
    id: 'join_checks',
    upstreams: ['identity.decide', 'screening.score', 'credit.limit', 'risk.model_score'],
    seconds: 0.3,
    waits: [3.4, 0.2],
  },
  { id: 'decide_application', upstreams: ['join_checks'], seconds: 0.7, operator: 'BranchPythonOperator' },
  { id: 'manual_review', upstreams: ['decide_application'], state: 'skipped' },
  { id: 'send_rejection', upstreams: ['decide_application'], state: 'skipped' },
  { id: 'accounts.create_customer', upstreams: ['decide_application'], group: 'accounts', seconds: 1.4 },
  { id: 'accounts.open_current', upstreams: ['accounts.create_customer'], group: 'accounts', seconds: 2.1 },
  { id: 'accounts.open_savings', upstreams: ['accounts.create_customer'], group: 'accounts', seconds: 1.7 },
  { id: 'accounts.order_card', upstreams: ['accounts.open_current'], group: 'accounts', seconds: 2.8 },
  { id: 'accounts.enable_app', upstreams: ['accounts.create_customer'], group: 'accounts', seconds: 1.2 },
  { id: 'notify.render_letter', upstreams: ['accounts.open_current'], group: 'notify', seconds: 0.9 },
  { id: 'notify.email', upstreams: ['notify.render_letter'], group: 'notify', seconds: 1.5 },
  { id: 'notify.push', upstreams: ['accounts.enable_app'], group: 'notify', seconds: 0.6 },
  { id: 'archive_documents', upstreams: ['identity.decide'], seconds: 2.5 },
  {
    id: 'publish_events',
    upstreams: ['accounts.order_card', 'accounts.open_savings', 'notify.email', 'notify.push'],
    seconds: 0.5,
  },
  { id: 'finish', upstreams: ['publish_events', 'archive_documents'], seconds: 0.2, operator: 'EmptyOperator' },
];

/** The onboarding with a task that finally fails, so that its downstreams fail, too. */
export function failedOnboarding(): RunDetail {
  const lost = new Set(['credit.limit']);
  const plans = ONBOARDING.map((plan): TaskPlan => {
    if (plan.id === 'credit.limit') return { ...plan, state: 'failed', failedAttempts: [0.5, 0.6] };
    if (!plan.upstreams?.some((id) => lost.has(id))) return plan;
    lost.add(plan.id);
    return { ...plan, state: 'upstream_failed', waits: [0.01, 0] };
  });
  return runOf(plans);
}

/** A wide and deep graph: `count` tasks in layers, each after one or two of the layer before. */
export function layeredPlans(count: number, layers: number): TaskPlan[] {
  const next = random(11);
  const perLayer = Math.ceil(count / layers);
  return Array.from({ length: count }, (_, index) => {
    const layer = Math.floor(index / perLayer);
    const place = index % perLayer;
    const near = () => Math.min(perLayer - 1, Math.max(0, place + Math.floor(next() * 5) - 2));
    const upstreams = layer === 0 ? [] : [...new Set([near(), ...(next() < 0.5 ? [near()] : [])])];
    return {
      id: `stage_${layer}.step_${place}`,
      group: layers > 1 && place % 5 === 0 ? `stage_${layer}` : undefined,
      upstreams: upstreams.map((at) => `stage_${layer - 1}.step_${at}`),
      state: next() < 0.01 ? 'failed' : 'success',
    } satisfies TaskPlan;
  });
}
