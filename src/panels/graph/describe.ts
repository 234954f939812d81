import { formatSeconds } from '../../data/duration.ts';
import { stateLook } from '../../data/stateLook.ts';
import type { TaskInstanceState } from '../../../shared/states.ts';
import type { ShownNode } from './fold.ts';

/** The task_id without the name of its group, which the box or the node already shows. */
export function shortTitle(title: string, group: string | null): string {
  return group !== null && title.startsWith(`${group}.`) ? title.slice(group.length + 1) : title;
}

/** Describes a node for a screen reader. */
export function describeNode(shown: ShownNode): string {
  if (shown.kind === 'group') {
    const critical = shown.critical ? ', on the critical path' : '';
    return `group ${shown.group}, ${shown.tasks.length} tasks, ${stateLook(shown.state).label}${critical}`;
  }
  const { node } = shown;
  const parts = [node.title, stateLook(node.state).label];
  if (node.durationSeconds !== null && !DECIDED.has(node.state))
    parts.push(`took ${formatSeconds(node.durationSeconds)}`);
  if (node.instances > 1) parts.push(`${node.instances} mapped instances`);
  if (node.tryNumber !== null && node.tryNumber > 1) parts.push(`try ${node.tryNumber}`);
  if (node.critical) parts.push('on the critical path');
  return node.waiting ? `${parts.join(', ')}. ${node.waiting}` : parts.join(', ');
}

/** States in which a task did not run, whatever its timestamps are. */
const DECIDED = new Set<TaskInstanceState>(['skipped', 'upstream_failed', 'removed']);

/** Second line of a node: its state and its duration. */
export function subtitle(shown: ShownNode): string {
  if (shown.kind === 'group') return `${shown.tasks.length} tasks · ${stateLook(shown.state).label}`;
  const { node } = shown;
  const parts = [stateLook(node.state).label];
  if (node.durationSeconds !== null && !DECIDED.has(node.state)) parts.push(formatSeconds(node.durationSeconds));
  return parts.join(' · ');
}

/** Text beside the name of a node: anything unusual. */
export function countsOf(shown: ShownNode): string {
  if (shown.kind === 'group') return '';
  const { instances, tryNumber } = shown.node;
  const parts: string[] = [];
  if (instances > 1) parts.push(`× ${instances}`);
  if (tryNumber !== null && tryNumber > 1) parts.push(`try ${tryNumber}`);
  return parts.join(' · ');
}
