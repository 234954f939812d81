import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2, type TimeZone } from '@grafana/data';
import { Portal, useStyles2, VizTooltipContainer } from '@grafana/ui';
import type { ReactElement } from 'react';
import { formatMilliseconds } from '../../data/duration.ts';
import { StateIcon } from '../../components/StateIcon.tsx';
import { stateLook } from '../../data/stateLook.ts';
import { countStates, describeAttempt } from './describe.ts';
import type { GanttTask } from './model.ts';
import type { GanttRow } from './rows.ts';
import { spentIn, workOf } from './timing.ts';

interface Props {
  row: GanttRow;
  /** Of the pointer, in the page. */
  position: { x: number; y: number };
  timeZone: TimeZone;
  now: number;
}

/** All that is known of a row, next to the pointer. */
export function GanttTooltip({ row, position, timeZone, now }: Props): ReactElement {
  const styles = useStyles2(tooltipStyles);
  const state = row.kind === 'task' ? row.task.state : row.state;
  const facts = row.kind === 'task' ? taskFacts(row.task, timeZone, now) : groupFacts(row.tasks);
  return (
    <Portal>
      <VizTooltipContainer position={position} offset={{ x: 14, y: 14 }}>
        <div className={styles.head}>
          <StateIcon state={state} size="md" />
          <strong className={styles.title}>{row.label}</strong>
          <span className={styles.state}>{stateLook(state).label}</span>
        </div>
        <dl className={styles.facts}>
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </VizTooltipContainer>
    </Portal>
  );
}

type Fact = [name: string, value: string];

function groupFacts(tasks: readonly GanttTask[]): Fact[] {
  return [
    ['Task instances', String(tasks.length)],
    ...countStates(tasks).map(([label, count]): Fact => [label, String(count)]),
  ];
}

function taskFacts(task: GanttTask, timeZone: TimeZone, now: number): Fact[] {
  const newest = task.attempts.at(-1)!;
  const format = 'YYYY-MM-DD HH:mm:ss.SSS';
  const clock = (at: number | null | undefined) => (at == null ? '–' : dateTimeFormat(at, { timeZone, format }));
  const running = newest.segments.find((segment) => segment.kind === 'running');
  const known = (name: string, value: string | null): Fact[] => (value === null ? [] : [[name, value]]);
  return [
    ['Waited for the scheduler', formatMilliseconds(spentIn(newest, 'scheduler', now))],
    ['Queued for a slot', formatMilliseconds(spentIn(newest, 'slot', now))],
    ['Ran', formatMilliseconds(spentIn(newest, 'running', now))],
    ...(task.attempts.length > 1 ? [['Ran in all attempts', formatMilliseconds(workOf(task, now))] as Fact] : []),
    ['Started', clock(running?.from)],
    ['Ended', running && running.to === null ? 'still running' : clock(running?.to)],
    ...task.attempts
      .slice(0, -1)
      .map((attempt): Fact => [`Attempt ${attempt.tryNumber}`, describeAttempt(attempt, now)]),
    ...(newest.tryNumber > 1 ? [['This attempt', String(newest.tryNumber)] as Fact] : []),
    ...known('Operator', task.operator),
    ...known('Group', task.taskGroup),
    ...known('Pool', task.pool),
    ...known('Host', task.hostname),
    ...(task.critical ? [['Critical path', 'yes'] as Fact] : []),
    ...(task.missing.length > 0 ? [['Missing in the source', task.missing.join(', ')] as Fact] : []),
  ];
}

const tooltipStyles = (theme: GrafanaTheme2) => ({
  head: css({ display: 'flex', alignItems: 'center', gap: 6, marginBottom: theme.spacing(0.5) }),
  title: css({ overflowWrap: 'anywhere' }),
  state: css({ marginLeft: 'auto', paddingLeft: theme.spacing(2), color: theme.colors.text.secondary }),
  facts: css({
    margin: 0,
    fontSize: theme.typography.bodySmall.fontSize,
    '& > div': { display: 'flex', justifyContent: 'space-between', gap: theme.spacing(3) },
    '& dt': { fontWeight: theme.typography.fontWeightRegular, color: theme.colors.text.secondary },
    '& dd': { margin: 0, fontVariantNumeric: 'tabular-nums', overflowWrap: 'anywhere', textAlign: 'right' },
  }),
});
